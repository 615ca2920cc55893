/** Takes the posterior of an element of the output, which may come in several parts. */
export type AddPosterior = (at: number, posterior: number) => void;

/** The outputs of one sequence of a minibatch, and where its posteriors go. */
export interface SequenceOutput {
  readonly data: Float32Array;
  readonly add: AddPosterior;
  /** Where frame 0 begins, and from one frame to the next. */
  readonly start: number;
  readonly stride: number;
  readonly frames: number;
}
