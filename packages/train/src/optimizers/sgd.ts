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
      update: (engine, { value, gradient, slots, rate }) => {
        const g = weightDecay === 0 ? gradient : engine.addScaled(gradient, value, -weightDecay);
        if (momentum === 0) return { value: engine.addScaled(value, g, rate), slots: {} as { velocity: never } };
        const velocity = engine.addScaled(g, slots.velocity, momentum);
        const direction = nesterov ? engine.addScaled(g, velocity, momentum) : velocity;
        return { value: engine.addScaled(value, direction, rate), slots: { velocity } };
      },
    },
    shared,
  );
