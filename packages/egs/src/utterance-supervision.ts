import {
  ChainError,
  normalizeSupervision,
  type Supervision,
  SupervisionSplitter,
  toUnconstrained,
} from '@jebena/chain';
import type { TransitionModel } from '@jebena/hmm';
import type { Fst } from '@jebena/wfst';
import type { ChainTargets } from './minibatch.js';

export interface UtteranceSupervisionOptions {
  /** The normalization graph that each chunk is composed with; without it, that is left to `nnet3-chain-normalize-egs`. */
  readonly normalization?: Fst | undefined;
  /** Frees chunks from the alignment; the supervision must then be over this model's transition ids. */
  readonly unconstrained?: TransitionModel | undefined;
  /** A weight for each output frame, by which derivatives are scaled. */
  readonly derivWeights?: ArrayLike<number> | undefined;
}

/** Supervision of a whole utterance, from which chunks are cut for LF-MMI. */
export class UtteranceSupervision {
  readonly kind = 'utterance-supervision';
  /** Output frames. */
  readonly frames: number;
  /** Number of pdfs. */
  readonly dim: number;
  private splitter: SupervisionSplitter | undefined;

  constructor(
    private readonly supervision: Supervision,
    private readonly options: UtteranceSupervisionOptions = {},
  ) {
    this.frames = supervision.framesPerSequence;
    this.dim = options.unconstrained?.numPdfs ?? supervision.labelDim;
  }

  /**
   * The targets of `count` output frames.
   *
   * @throws ChainError `ERR_CHAIN_SUPERVISION` where the normalization graph has none of the paths, or end-to-end
   *   supervision is not taken whole
   */
  cut(start: number, count: number): ChainTargets {
    const { normalization, unconstrained } = this.options;
    let part = this.supervision;
    if (part.e2eFsts) {
      if (start !== 0 || count !== this.frames)
        throw new ChainError(
          'ERR_CHAIN_SUPERVISION',
          `end-to-end supervision: expected a chunk of all ${this.frames} output frames, found ${start} to ${start + count}`,
        );
    } else part = (this.splitter ??= new SupervisionSplitter(part)).range(start, count);
    if (unconstrained) part = toUnconstrained(unconstrained, part);
    const weighed = normalization ? normalizeSupervision(normalization, part) : part;
    if (!weighed)
      throw new ChainError(
        'ERR_CHAIN_SUPERVISION',
        `the denominator has none of the paths of output frames ${start} to ${start + count - 1}`,
      );
    return { kind: 'chain', dim: this.dim, supervision: weighed };
  }

  /** The weights of `count` output frames by those of the chunk; undefined where all are 1. */
  weights(start: number, count: number, chunk: Float32Array | undefined): Float32Array | undefined {
    const { derivWeights } = this.options;
    if (!derivWeights) return chunk;
    return Float32Array.from({ length: count }, (_, i) => (derivWeights[start + i] ?? 0) * (chunk?.[i] ?? 1));
  }
}
