import type { OptimizerFactory } from './optimizer.js';
import { perParameter, type SharedSettings } from './per-parameter.js';

/** Settings of {@link rmsprop}. */
export interface RmspropSettings extends SharedSettings {
  /** Forgetting of the squares. */
  readonly alpha?: number;
  readonly epsilon?: number;
  /** Divides by the deviation instead of the root of the squares. */
  readonly centered?: boolean;
  /** Share of the last change that is made again, in [0, 1). */
  readonly momentum?: number;
  /** Pulls each value to 0 by this times itself (added to the gradient). */
  readonly weightDecay?: number;
}

/** RMSprop (Tieleman and Hinton 2012), as PyTorch's. */
export const rmsprop = ({
  alpha = 0.99,
  epsilon = 1e-8,
  centered = false,
  momentum = 0,
  weightDecay = 0,
  ...shared
}: RmspropSettings = {}): OptimizerFactory =>
  perParameter<'square' | 'mean' | 'velocity'>(
    {
      name: 'rmsprop',
      slots: ['square', ...(centered ? (['mean'] as const) : []), ...(momentum > 0 ? (['velocity'] as const) : [])],
      update: (engine, { value, gradient, slots, rate }) => {
        const g = weightDecay === 0 ? gradient : engine.addScaled(gradient, value, -weightDecay);
        const square = engine.addScaled(engine.scale(slots.square, alpha), engine.unary('square', g), 1 - alpha);
        const next = { ...slots, square };
        let power = square;
        if (centered) {
          next.mean = engine.addScaled(engine.scale(slots.mean, alpha), g, 1 - alpha);
          power = engine.addScaled(square, engine.unary('square', next.mean), -1);
        }
        let direction = engine.binary('div', g, engine.scale(engine.unary('sqrt', power), 1, epsilon));
        if (momentum > 0) direction = next.velocity = engine.addScaled(direction, slots.velocity, momentum);
        return { value: engine.addScaled(value, direction, rate), slots: next };
      },
    },
    shared,
  );
