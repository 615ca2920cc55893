/** The outputs of one sequence of a minibatch, and where its posteriors go. */
export interface SequenceOutput {
  readonly data: Float32Array;
  /** Of the shape of `data`; posteriors are added to it. */
  readonly posterior: Float32Array;
  /** Where frame 0 begins, and from one frame to the next. */
  readonly start: number;
  readonly stride: number;
  readonly frames: number;
}
