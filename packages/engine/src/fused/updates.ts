import { elementwise } from '../elementwise.js';
import type { Engine, Tensor } from '../engine.js';

const sgd = elementwise(3, 2, (e, [w, v, g]) => {
  const velocity = e.mulAdd(e.parameter(0), v!, e.mul(e.parameter(1), g!));
  return [e.add(w!, velocity), velocity];
});
const adam = elementwise(4, 8, (e, [w, m, v, g]) => {
  const [beta1, rest1, beta2, rest2, rate, norm, epsilon, decay] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => e.parameter(i));
  const first = e.mulAdd(beta1!, m!, e.mul(rest1!, g!));
  const second = e.mulAdd(beta2!, v!, e.mul(rest2!, e.mul(g!, g!)));
  const root = e.mulAdd(e.op('sqrt', second), norm!, epsilon!);
  const step = e.op('div', e.mul(rate!, first), root);
  return [e.add(e.mul(w!, decay!), step), first, second];
});

/**
 * Stochastic gradient ascent with momentum, in place: v = momentum v + rate g, w = w + v. Consumes w and v. (The
 * gradient is that of an objective to grow, Kaldi's sign; for a loss, give a negative rate.)
 */
export function sgdUpdate(
  engine: Engine,
  w: Tensor,
  v: Tensor,
  gradient: Tensor,
  { rate, momentum = 0 }: { readonly rate: number; readonly momentum?: number },
): { w: Tensor; v: Tensor } {
  const options = { parameters: [momentum, rate], consume: [0, 1] };
  const [next, velocity] = engine.map(sgd, [w, v, gradient], options);
  return { w: next!, v: velocity! };
}

export interface AdamSettings {
  readonly rate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** AdamW's weight decay: w is first scaled by 1 - rate * weightDecay. */
  readonly weightDecay?: number;
}

/**
 * One step of Adam (Kingma, Ba 2015), upwards, in place; `step` counts from 1. Consumes w and both moments. The
 * arithmetic is PyTorch's: sqrt(v) / sqrt(1 - beta2^step) + epsilon below.
 */
export function adamUpdate(
  engine: Engine,
  { w, m, v }: { readonly w: Tensor; readonly m: Tensor; readonly v: Tensor },
  gradient: Tensor,
  step: number,
  { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamSettings,
): { w: Tensor; m: Tensor; v: Tensor } {
  const size = rate / (1 - beta1 ** step);
  const norm = 1 / Math.sqrt(1 - beta2 ** step);
  const parameters = [beta1, 1 - beta1, beta2, 1 - beta2, size, norm, epsilon, 1 - Math.abs(rate) * weightDecay];
  const [next, first, second] = engine.map(adam, [w, m, v, gradient], { parameters, consume: [0, 1, 2] });
  return { w: next!, m: first!, v: second! };
}
