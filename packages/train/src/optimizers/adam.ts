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
      program: (e, value, gradient, [before, beforeSquare]) => {
        const [keep1, new1, keep2, new2, size, floor, keep] = [0, 1, 2, 3, 4, 5, 6].map((i) => e.parameter(i));
        const mean = e.mulAdd(before!, keep1!, e.mul(gradient, new1!));
        const square = e.mulAdd(beforeSquare!, keep2!, e.mul(e.mul(gradient, gradient), new2!));
        const direction = e.op('div', mean, e.add(e.op('sqrt', square), floor!));
        return [e.mulAdd(direction, size!, e.mul(value, keep!)), mean, square];
      },
      // Both corrections for the start at zero go into numbers.
      parameters: ({ rate, count }) => {
        const root = Math.sqrt(1 - beta2 ** (count + 1));
        const size = (rate * root) / (1 - beta1 ** (count + 1));
        return [beta1, 1 - beta1, beta2, 1 - beta2, size, epsilon * root, 1 - rate * weightDecay];
      },
    },
    shared,
  );
