import type { OptimizerFactory } from './optimizer.js';
import { perParameter, type SharedSettings } from './per-parameter.js';

/** Settings of {@link adam}. */
export interface AdamSettings extends SharedSettings {
  /** Forgetting of the first moment. */
  readonly beta1?: number;
  /** Forgetting of the second moment. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decay of the values themselves, times the learning rate (AdamW, Loshchilov and Hutter 2019). */
  readonly weightDecay?: number;
}

/** Adam (Kingma and Ba 2015), with AdamW's decoupled decay when `weightDecay` is set. */
export const adam = ({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
  ...shared
}: AdamSettings = {}): OptimizerFactory =>
  perParameter<'mean' | 'square'>(
    {
      name: 'adam',
      slots: ['mean', 'square'],
      update: (engine, { value, gradient, slots, rate, count }) => {
        const mean = engine.addScaled(engine.scale(slots.mean, beta1), gradient, 1 - beta1);
        const square = engine.addScaled(engine.scale(slots.square, beta2), engine.unary('square', gradient), 1 - beta2);
        // Both corrections for the start at zero go into scalars, so that no more passes over memory are needed.
        const root = Math.sqrt(1 - beta2 ** (count + 1));
        const size = (rate * root) / (1 - beta1 ** (count + 1));
        const direction = engine.binary('div', mean, engine.scale(engine.unary('sqrt', square), 1, epsilon * root));
        const kept = weightDecay === 0 ? value : engine.scale(value, 1 - rate * weightDecay);
        return { value: engine.addScaled(kept, direction, size), slots: { mean, square } };
      },
    },
    shared,
  );
