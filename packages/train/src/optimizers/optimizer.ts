import type { Engine, Tensor } from '@jebena/engine';
import type { GradientSink, TrainableComponent } from '@jebena/graph';

/** What an optimizer needs of a model: its parameters on the engine, and to put new ones in their place. */
export interface TrainableModel {
  readonly engine: Engine;
  readonly trainable: readonly TrainableComponent[];
  parameter(component: string, name: string): Tensor;
  /** Puts a tensor in a parameter's place and frees the old one. */
  replace(parameter: { readonly component: { readonly name: string }; readonly name: string }, tensor: Tensor): void;
}

/** The step that an optimizer is to make. */
export interface Step {
  readonly learningRate: number;
  /** Weight of the minibatch, mostly its frames: what the objective was summed over. */
  readonly weight: number;
  readonly sequences: number;
  /** Steps made before this one. */
  readonly count: number;
  /** What the change is multiplied by; 1 but where `passes` says otherwise. */
  readonly factor?: number;
}

/** Gathers gradients of one minibatch (or several) and changes the parameters by them. */
export interface Optimizer {
  readonly name: string;
  /**
   * For each time that a minibatch is to be gone through, what its change is multiplied by: `[1]` when left out. Each
   * pass begins with `begin` and ends with `step`.
   */
  passes?(count: number): readonly number[];
  begin?(factor: number): void;
  /** Where the backward pass hands a component's gradients. */
  sink(component: string): GradientSink | undefined;
  /** Changes the parameters and forgets the gradients. */
  step(step: Step): void | Promise<void>;
  /** Forgets the gradients without a change. */
  discard(): void;
  /** What must be kept to go on exactly: arrays by name. */
  state(): Promise<Record<string, Float32Array>>;
  restore(state: Readonly<Record<string, Float32Array>>): void;
  dispose(): void;
}

/** Makes an optimizer for a model: what `adam()` and its like return. */
export type OptimizerFactory = (model: TrainableModel) => Optimizer;
