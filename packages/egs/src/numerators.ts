import {
  alignmentToProtoSupervision,
  phoneLatticeToProtoSupervision,
  protoToSupervision,
  type SupervisionOptions,
  trainingGraphToSupervision,
} from '@jebena/chain';
import { alignmentToPhoneRuns, type ContextTree, type TrainingGraphCompiler, type TransitionModel } from '@jebena/hmm';
import type { Item } from '@jebena/stream';
import type { CompactLattice, Fst } from '@jebena/wfst';
import type { Lookup } from './lookup.js';
import { UtteranceSupervision } from './utterance-supervision.js';

/** Makes the supervision of an utterance once the number of its output frames is known. */
export type Numerator = (outputFrames: number) => UtteranceSupervision;

/** Phones with their frames, as `ali-to-phones --write-lengths` writes them. */
export type PhoneLengths = readonly (readonly [phone: number, frames: number])[];

export interface NumeratorOptions extends Omit<SupervisionOptions, 'convertToPdfs'> {
  /** Tree and transition model of the network. */
  readonly tree: ContextTree;
  readonly transitionModel: TransitionModel;
  /** The normalization graph, which training wants; see `normalizationFst` of `@jebena/chain`. */
  readonly normalization?: Fst | undefined;
  /** The model whose transition ids alignments hold; not needed for phones with lengths or lattices. */
  readonly alignmentModel?: TransitionModel | undefined;
  /** Lets phones move freely within a chunk. Default false. */
  readonly unconstrained?: boolean;
  /** Weights by which derivatives of each output frame are scaled, such as confidences of a recogniser's words. */
  readonly derivWeights?: { get(key: string): ArrayLike<number> | undefined } | undefined;
}

/**
 * Numerator graphs of LF-MMI, made utterance by utterance as they are asked for: targets for `withTargets`.
 *
 * @param source by utterance: an alignment in transition ids, phones with lengths, or a lattice whose arcs are whole
 *   phones (`alignPhones` of `@jebena/decode` with `replaceLabels`)
 * @example
 * ```ts
 * pipe(
 *   feats,
 *   withTargets(numerators(alignments, { tree, transitionModel, alignmentModel, normalization, frameSubsamplingFactor: 3 }), {
 *     frameSubsamplingFactor: 3,
 *   }),
 *   chunks({ sizes: [150, 110, 90], frameSubsamplingFactor: 3, ...context }),
 *   shuffle({ seed: 1 }),
 *   minibatches('64'),
 *   withXentBranch(),
 * )
 * ```
 */
export function numerators(
  source: Lookup<Int32Array | PhoneLengths | CompactLattice>,
  options: NumeratorOptions,
): Lookup<Numerator> {
  const { tree, transitionModel, alignmentModel, normalization, unconstrained, derivWeights, ...settings } = options;
  const phonesOf = (alignment: Int32Array): PhoneLengths => {
    if (!alignmentModel) throw new TypeError('numerators of alignments: expected alignmentModel, found none');
    return alignmentToPhoneRuns(alignmentModel, alignment).map(({ phone, length }) => [phone, length]);
  };
  return mapLookup(source, (from, key) => () => {
    const proto =
      'transitionIds' in from
        ? phoneLatticeToProtoSupervision(from, settings)
        : alignmentToProtoSupervision(from instanceof Int32Array ? phonesOf(from) : from, settings);
    const { weight } = settings;
    return new UtteranceSupervision(
      protoToSupervision(tree, transitionModel, proto, { convertToPdfs: !unconstrained, weight }),
      {
        normalization,
        unconstrained: unconstrained ? transitionModel : undefined,
        derivWeights: derivWeights?.get(key),
      },
    );
  });
}

export interface EndToEndOptions {
  /** Makes graphs of transcripts, without transition probabilities: both scales 0. */
  readonly compiler: TrainingGraphCompiler;
  readonly transitionModel: TransitionModel;
  /** The normalization graph, which training wants. */
  readonly normalization?: Fst | undefined;
}

/**
 * Numerator graphs of end-to-end LF-MMI, made of transcripts alone. Utterances are taken whole: by `chunks` with sizes -1,
 * after which only those of one length share a minibatch, or by `wholeSequences`, which pads those of like length.
 *
 * @param transcripts word labels by utterance
 */
export const endToEndNumerators = (
  transcripts: Lookup<ArrayLike<number>>,
  { compiler, transitionModel, normalization }: EndToEndOptions,
): Lookup<Numerator> =>
  mapLookup(
    transcripts,
    (words) => (frames) =>
      new UtteranceSupervision(trainingGraphToSupervision(compiler.compile(words), transitionModel, frames), {
        normalization,
      }),
  );

/** Values of a lookup, each changed; none is made before it is asked for. */
function mapLookup<A, B>(source: Lookup<A>, change: (value: A, key: string) => B): Lookup<B> {
  if ('get' in source)
    return {
      get: async (key) => {
        const value = await source.get(key);
        return value === undefined ? undefined : change(value, key);
      },
    };
  return (async function* (): AsyncGenerator<Item<B>> {
    for await (const [key, value] of source) yield [key, change(value, key)];
  })();
}
