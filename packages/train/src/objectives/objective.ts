import type { MinibatchOutput } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';

/** What an objective says of one output of one minibatch. All are sums over its rows. */
export interface Evaluation {
  /** rows x dim: derivative of the objective (which is to grow) with respect to the output. */
  readonly derivative: Tensor;
  /** 1 x 1: the objective. */
  readonly objective: Tensor;
  /** 1 x 1: what regularization of this output adds to the objective, where there is any; printed apart. */
  readonly auxiliary?: Tensor | undefined;
  /** 1 x 1: how many rows (by weight) were right, where that means something. */
  readonly correct?: Tensor | undefined;
  /** The weight that the objective is divided by when it is printed: mostly the number of frames. */
  readonly weight: number;
  /** Why nothing can be learned from this output, where that is so: the minibatch is left out, counted and named. */
  readonly failed?: string | undefined;
}

/** Measures an output against its targets. Registered on an output by name in the trainer's options. */
export interface Objective {
  readonly name: string;
  /** Called inside the engine's `tidy`. `sequences` is the number of sequences in the minibatch. */
  evaluate(engine: Engine, output: Tensor, target: MinibatchOutput, sequences: number): Evaluation;
}
