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
      program: (e, value, gradient, [beforeSquare, ...others]) => {
        const [rate, keep, fresh, floor, carry, decay] = [0, 1, 2, 3, 4, 5].map((i) => e.parameter(i));
        const g = weightDecay === 0 ? gradient : e.sub(gradient, e.mul(value, decay!));
        const square = e.mulAdd(beforeSquare!, keep!, e.mul(e.mul(g, g), fresh!));
        const slots = [square];
        let power = square;
        if (centered) {
          const mean = e.mulAdd(others[0]!, keep!, e.mul(g, fresh!));
          slots.push(mean);
          power = e.sub(square, e.mul(mean, mean));
        }
        let direction = e.op('div', g, e.add(e.op('sqrt', power), floor!));
        if (momentum > 0) slots.push((direction = e.mulAdd(others.at(-1)!, carry!, direction)));
        return [e.mulAdd(direction, rate!, value), ...slots];
      },
      parameters: ({ rate }) => [rate, alpha, 1 - alpha, epsilon, momentum, weightDecay],
    },
    shared,
  );
