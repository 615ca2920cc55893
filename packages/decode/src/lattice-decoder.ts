import type { TransitionModel } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int, type OptionValues, resolveOptions } from '@jebena/options';
import { type CompactLattice, type Fst, type Lattice } from '@jebena/wfst';
import { determinizePhonePruned } from './determinize-phones.js';
import { determinizePruned } from './determinize-pruned.js';
import { type LatticePath, latticeBestPath } from './lattice-paths.js';
import { scaleLattice } from './lattice-scale.js';
import { LatticeSearch, latticeSearchOptions } from './lattice-search.js';
import type { SearchGraph } from './search-graph.js';

/** Options of the programs that write lattices (LatticeFasterDecoderConfig and determinization's). */
export const latticeDecoderOptions = defineOptions({
  ...latticeSearchOptions,
  phoneDeterminize: bool(true, 'Determinize on words and phones first: faster, the same result'),
  maxMem: int(50_000_000, 'Memory that determinization may use, roughly, in bytes; 0: no limit', atLeast(0)),
  allowPartial: bool(false, 'Give a result where no path reached a final state'),
});

/** What became of an utterance. */
export interface Decoded {
  /** Word lattice, acoustic costs unscaled. */
  readonly lattice: CompactLattice;
  /** State-level lattice, acoustic costs unscaled. */
  readonly raw: Lattice;
  readonly best: LatticePath;
  /** False: a partial result, as if all states were final. */
  readonly reachedFinal: boolean;
  /** Up to which the lattice holds all paths: less than was asked for where determinization would have taken too much memory. */
  readonly latticeBeam: number;
  readonly numFrames: number;
  /** Scaled log-likelihood of the best path a frame, as the programs log it. */
  readonly logLikePerFrame: number;
}

/**
 * Decodes whole utterances to lattices (DecodeUtteranceLatticeFaster in decoder/decoder-wrappers.cc).
 *
 * @example
 * ```ts
 * const decoder = new LatticeDecoder(graph, model, { beam: 15, latticeBeam: 8, acousticScale: 1 });
 * const { best, lattice } = decoder.decode(loglikes)!;
 * ```
 */
export class LatticeDecoder {
  private readonly search: LatticeSearch;
  private readonly options: OptionValues<typeof latticeDecoderOptions>;

  constructor(
    graph: Fst | SearchGraph,
    private readonly model: TransitionModel,
    options: Partial<OptionValues<typeof latticeDecoderOptions>> = {},
  ) {
    this.options = resolveOptions(latticeDecoderOptions, options);
    const { phoneDeterminize: _p, maxMem: _m, allowPartial: _a, ...searchOptions } = this.options;
    this.search = new LatticeSearch(graph, model.tidToPdf, searchOptions);
  }

  /**
   * @param loglikes log-likelihoods (or log-posteriors less log-priors) by pdf, unscaled; one row a frame
   * @returns undefined where no path survived, or none reached a final state and `allowPartial` is off
   * @throws DecodeError for scores that cannot be used
   */
  decode(loglikes: Matrix): Decoded | undefined {
    const { search } = this;
    const { latticeBeam: beam, phoneDeterminize, maxMem, allowPartial, acousticScale } = this.options;
    search.start();
    search.advance(loglikes);
    const { reachedFinal } = search;
    if (loglikes.rows === 0 || (!reachedFinal && !allowPartial)) return undefined;
    const scaled = search.lattice();
    if (!scaled) return undefined;
    let reached = beam;
    const onNarrowed = (narrower: number): void => void (reached = Math.min(reached, narrower));
    const compact = phoneDeterminize
      ? determinizePhonePruned(scaled, this.model, { beam, maxMem, onNarrowed })
      : determinizePruned(scaled, { beam, maxMem, onNarrowed });
    const found = latticeBestPath(compact);
    if (!found) return undefined;
    const unscale = { acousticScale: 1 / acousticScale };
    return {
      lattice: acousticScale === 1 ? compact : scaleLattice(compact, unscale),
      raw: acousticScale === 1 ? scaled : scaleLattice(scaled, unscale),
      best: { ...found, acousticCost: found.acousticCost / acousticScale },
      reachedFinal,
      latticeBeam: reached,
      numFrames: loglikes.rows,
      logLikePerFrame: -(found.graphCost + found.acousticCost) / loglikes.rows,
    };
  }
}
