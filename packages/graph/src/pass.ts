import type { Tensor } from '@jebena/engine';
import type { DerivativeTimes } from './derivative-times.js';
import type { GradientSink } from './gradient-sink.js';

export interface ForwardOptions {
  /** Batch norm uses the minibatch, dropout is drawn, and what backprop needs is kept. Default false. */
  readonly training?: boolean;
  /** Seed of this pass's draws (dropout, whether statistics are stored, self-repair). Default 0. */
  readonly seed?: number;
  /** Whether components add up their statistics (Kaldi's StoreStats); default: as `training`. */
  readonly storeStatistics?: boolean;
  /** Keep what backprop needs though not training. Default: as `training`. */
  readonly backprop?: boolean;
}

/** The result of a forward pass: outputs, and what the backward pass needs until `dispose`. */
export interface Pass {
  /** Rows are time-major (row = frame * sequences + sequence). The tensor stays the pass's. */
  output(name: string): Tensor;
  /**
   * Takes derivatives of the objective by output (outputs left out count as zero) and hands gradients to the sink
   * of each updatable component; a component without a sink gets none. Returns the derivatives of the inputs that
   * the request named in `inputDerivatives`; they are the caller's to dispose. Call it once.
   *
   * @param times where derivatives are taken, for all nodes; default: everywhere
   */
  backward(
    derivatives: Readonly<Record<string, Tensor>>,
    sink: (component: string) => GradientSink | undefined,
    times?: DerivativeTimes,
  ): Record<string, Tensor>;
  /** Frees all that is left; `backward` frees as it goes. */
  dispose(): void;
}
