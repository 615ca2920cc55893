import type { Supervision } from '@jebena/chain';
import type { Matrix } from '@jebena/io-ark';
import type { IoRequest } from '@jebena/graph';

/** An input of a minibatch: `count` frames of each sequence, time-major (row = frame * sequences + sequence). */
export interface MinibatchInput extends IoRequest {
  readonly feats: Matrix;
}

/** One label a row (a pdf; -1 where there is none): the case of alignments. */
export interface LabelTargets {
  readonly kind: 'labels';
  readonly dim: number;
  readonly labels: Int32Array;
}

/** A few weighted labels a row: entries rowStart[r] to rowStart[r + 1] belong to row r. */
export interface PosteriorTargets {
  readonly kind: 'posterior';
  readonly dim: number;
  readonly rowStart: Int32Array;
  readonly labels: Int32Array;
  readonly weights: Float32Array;
}

/** A value for every output of every row. */
export interface DenseTargets {
  readonly kind: 'dense';
  readonly dim: number;
  readonly values: Matrix;
}

/** What all sequences of a minibatch may be, for LF-MMI. */
export interface ChainTargets {
  readonly kind: 'chain';
  /** Number of pdfs. */
  readonly dim: number;
  /** Of all sequences; its frames are the output's. */
  readonly supervision: Supervision;
}

export type Targets = LabelTargets | PosteriorTargets | DenseTargets;

/** Targets of an example or a minibatch: a row for each frame, or graphs over all of them. */
export type ChunkTargets = Targets | ChainTargets;

/** An output of a minibatch and what it should be; rows are time-major as in the inputs. */
export interface MinibatchOutput extends IoRequest {
  readonly targets: ChunkTargets;
  /** A weight for each row; absent when all are 1. */
  readonly weights?: Float32Array | undefined;
}

/** Several chunks of one structure, ready for one training step. */
export interface Minibatch {
  /** `merged-<index>-<sequences>`, as Kaldi names them. */
  readonly key: string;
  readonly sequences: number;
  readonly inputs: readonly MinibatchInput[];
  readonly outputs: readonly MinibatchOutput[];
}
