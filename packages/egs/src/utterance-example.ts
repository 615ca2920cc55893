import type { Matrix } from '@jebena/io-ark';
import type { Targets } from './minibatch.js';
import type { UtteranceSupervision } from './utterance-supervision.js';

/** A stream of features of an utterance: a row for each frame. */
export interface UtteranceInput {
  readonly name: string;
  readonly feats: Matrix;
}

/** Vectors that hold for longer than a frame, such as i-vectors. */
export interface UtteranceVectors {
  readonly name: string;
  /** Row i holds from frame i * period on; a single row holds for the whole utterance. */
  readonly vectors: Matrix;
  /** Frames for each row; 10 for Kaldi's online i-vectors. */
  readonly period: number;
}

/** What an output should be, over a whole utterance. */
export interface UtteranceOutput {
  readonly name: string;
  readonly targets: Targets | UtteranceSupervision;
  /**
   * Frames of input for each row of the targets: 1, or the frame subsampling factor where the targets were made at
   * the rate of the output.
   */
  readonly stride: number;
}

/** An utterance with its targets, from which chunks are cut. */
export interface UtteranceExample {
  readonly key: string;
  /** Frames of the first input; the others may differ by the length tolerance. */
  readonly frames: number;
  readonly inputs: readonly UtteranceInput[];
  readonly vectors: readonly UtteranceVectors[];
  readonly outputs: readonly UtteranceOutput[];
}
