import type { OptimizerFactory } from './optimizer.js';
import { perParameter, type SharedSettings } from './per-parameter.js';

/** Settings of {@link sgd}. */
export interface SgdSettings extends SharedSettings {
  /** Share of the last change that is made again, in [0, 1). */
  readonly momentum?: number;
  /** Look ahead along the momentum (Nesterov). */
  readonly nesterov?: boolean;
  /** Pulls each value to 0 by this times itself (added to the gradient). */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum, as PyTorch's `SGD`: v = momentum v + g; value += rate v. */
export const sgd = ({
  momentum = 0,
  nesterov = false,
  weightDecay = 0,
  ...shared
}: SgdSettings = {}): OptimizerFactory =>
  perParameter<'velocity'>(
    {
      name: 'sgd',
      slots: momentum === 0 ? [] : ['velocity'],
      program: (e, value, gradient, [before]) => {
        const [rate, keep, decay] = [0, 1, 2].map((i) => e.parameter(i));
        const g = weightDecay === 0 ? gradient : e.sub(gradient, e.mul(value, decay!));
        if (!before) return [e.mulAdd(g, rate!, value)];
        const velocity = e.mulAdd(before, keep!, g);
        return [e.mulAdd(nesterov ? e.mulAdd(velocity, keep!, g) : velocity, rate!, value), velocity];
      },
      parameters: ({ rate }) => [rate, momentum, weightDecay],
      ...(momentum !== 0 && !nesterov && weightDecay === 0 ? { plainMomentum: momentum } : {}),
    },
    shared,
  );
