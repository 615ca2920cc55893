/** Frames of one input or output: t = first, first + stride, ... (`count` of them), the same for every sequence. */
export interface FrameRange {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
}

/** An input that is given or an output that is wanted. */
export interface IoRequest extends FrameRange {
  readonly name: string;
}

/**
 * What is to be computed. Matrices in and out are time-major: the row of frame i of sequence n is
 * i * sequences + n, so that an offset in time is a slice.
 */
export interface ComputationRequest {
  readonly sequences: number;
  readonly inputs: readonly IoRequest[];
  readonly outputs: readonly IoRequest[];
  /** Inputs for which derivatives are wanted from backprop. */
  readonly inputDerivatives?: readonly string[];
}
