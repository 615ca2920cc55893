import type { TransitionModel } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import type { OptionValues } from '@jebena/options';
import { type Item, type Stage, stage, type StageOptions } from '@jebena/stream';
import type { Fst } from '@jebena/wfst';
import { type Aligned, type alignOptions, forcedAlign } from './forced-align.js';
import { type Decoded, LatticeDecoder, type latticeDecoderOptions } from './lattice-decoder.js';
import { SearchGraph } from './search-graph.js';

export interface DecodeStageOptions extends StageOptions {
  /** Told of an utterance without a result; the rest goes on. */
  readonly onFailure?: ((key: string, reason: string) => void) | undefined;
}

/**
 * Decodes utterance by utterance: log-likelihoods in, lattices and words out. An utterance that cannot be decoded is
 * left out, and told of.
 *
 * @example
 * ```ts
 * pipe(readMatrices('ark:loglikes.ark'), decode(graph, model, { beam: 15, acousticScale: 1 }), forEach(print));
 * ```
 */
export function decode(
  graph: Fst,
  model: TransitionModel,
  options: Partial<OptionValues<typeof latticeDecoderOptions>> = {},
  { onFailure, signal }: DecodeStageOptions = {},
): Stage<Item<Matrix>, Item<Decoded>> {
  return stage(
    () => {
      const decoder = new LatticeDecoder(new SearchGraph(graph, model.tidToPdf), model, options);
      return {
        push: ([key, loglikes]: Item<Matrix>) => attempt(key, () => decoder.decode(loglikes), onFailure),
      };
    },
    { signal },
  );
}

/** Aligns utterance by utterance, each to its training graph: see {@link forcedAlign}. */
export function align(
  graphOf: (key: string) => Fst | undefined,
  model: TransitionModel,
  options: Partial<OptionValues<typeof alignOptions>> = {},
  { onFailure, signal }: DecodeStageOptions = {},
): Stage<Item<Matrix>, Item<Aligned>> {
  return stage(
    () => ({
      push: ([key, loglikes]: Item<Matrix>) => {
        const graph = graphOf(key);
        if (!graph) return attempt<Aligned>(key, () => undefined, onFailure, 'no graph for it');
        return attempt(key, () => forcedAlign(graph, model, loglikes, options), onFailure);
      },
    }),
    { signal },
  );
}

function attempt<R>(
  key: string,
  work: () => R | undefined,
  onFailure: DecodeStageOptions['onFailure'],
  nothing: string = 'no path to the end',
): Item<R>[] {
  try {
    const result = work();
    if (result !== undefined) return [[key, result]];
    onFailure?.(key, nothing);
  } catch (error) {
    // Bad scores spoil one utterance; whatever else goes wrong is not for this stage to hide.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_DECODE_SCORES')) throw error;
    onFailure?.(key, error.message);
  }
  return [];
}
