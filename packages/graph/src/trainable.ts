import type { Tensor } from '@jebena/engine';

/** How natural gradient preconditions one affine, scale or offset (natural-gradient-online.h). */
export interface NaturalGradientSettings {
  /** Ranks for the input side (with a column of ones when there is a bias) and the output side. */
  readonly rankIn: number;
  readonly rankOut: number;
  readonly alphaIn: number;
  readonly alphaOut: number;
  /** Frames over which the estimate forgets; undefined when `numMinibatchesHistory` says it. */
  readonly numSamplesHistory: number;
  /** For convolutions: history in minibatches instead of frames. */
  readonly numMinibatchesHistory?: number | undefined;
  readonly updatePeriod: number;
  /**
   * Whether the estimate goes on learning in backstitch's first pass, where others stand still: in Kaldi the components
   * without a FreezeNaturalGradient of their own.
   */
  readonly neverFrozen?: boolean | undefined;
  /**
   * What is preconditioned of an affine: the rows of its input and of the output's derivative (default), or, where
   * weights are shared within a frame, the rows of the finished gradient with the bias as its last column, and then,
   * unless it is `gradient-rows`, that one's columns.
   */
  readonly of?: 'rows' | 'gradient' | 'gradient-rows' | undefined;
}

/** What a trainer needs to know of an updatable component: one name, its settings, the names of its parameters. */
export interface TrainableComponent {
  readonly name: string;
  /** `NaturalGradientAffineComponent`, ... */
  readonly type: string;
  /** As on disk: the factor is already in it. */
  readonly learningRate: number;
  readonly learningRateFactor: number;
  /** Largest 2-norm of the component's change in one step; 0 stands for no limit. */
  readonly maxChange: number;
  readonly l2Regularize: number;
  /** 0: none; above 0: that scale; below 0: a floating scale. Applies to the parameter `linear`. */
  readonly orthonormalConstraint: number;
  /** Undefined for plain stochastic gradient descent. */
  readonly naturalGradient: NaturalGradientSettings | undefined;
  /** Names of the parameters: `linear`, `bias`, `scales`, ... */
  readonly parameters: readonly string[];
}

/** A parameter on the engine. Vectors are matrices of one row. */
export interface Parameter {
  readonly component: TrainableComponent;
  readonly name: string;
  readonly tensor: Tensor;
}
