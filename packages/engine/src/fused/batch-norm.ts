import { elementwise } from '../elementwise.js';
import type { Engine, Tensor } from '../engine.js';

const statistics = elementwise(2, 3, (e, [sum, squares]) => {
  const mean = e.mul(sum!, e.parameter(0));
  const square = e.mul(squares!, e.parameter(0));
  const variance = e.op('relu', e.sub(square, e.mul(mean, mean)));
  const scale = e.mul(e.op('rsqrt', e.add(variance, e.parameter(1))), e.parameter(2));
  return [mean, variance, scale];
});
const moments = elementwise(1, 0, (e, [x]) => [x!, e.mul(x!, x!)]);
const slopes = elementwise(2, 0, (e, [y, dy]) => [dy!, e.mul(y!, dy!)]);
const normalise = elementwise(3, 0, (e, [x, mean, scale]) => [e.mul(e.sub(x!, mean!), scale!)]);
// dx = scale (dy - mean(dy)) - y scale mean(y dy) / targetRms^2, with the rows' terms made first.
const terms = elementwise(3, 2, (e, [scale, sum, dots]) => [
  e.op('neg', e.mul(e.mul(scale!, sum!), e.parameter(0))),
  e.op('neg', e.mul(e.mul(scale!, dots!), e.parameter(1))),
]);
const derivative = elementwise(5, 0, (e, [y, dy, scale, shift, slope]) => [
  e.mulAdd(dy!, scale!, e.mulAdd(y!, slope!, shift!)),
]);

export interface BatchNormOptions {
  /** Added to each variance. Kaldi: 1e-3. */
  readonly epsilon?: number;
  /** The root mean square that each column is brought to. Kaldi: 1. */
  readonly targetRms?: number;
}

/** What normalising gives: y, and of each column (1 x cols) the mean, the variance and the factor. */
export interface BatchNormResult {
  readonly y: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly scale: Tensor;
}

/** Brings each column to mean 0 and the target's root mean square over the rows. (Kaldi: BatchNormComponent.) */
export function batchNorm(
  engine: Engine,
  x: Tensor,
  { epsilon = 1e-3, targetRms = 1 }: BatchNormOptions = {},
): BatchNormResult {
  return engine.tidy(() => {
    const sums = engine.mapSums(moments, [x]);
    const [mean, variance, scale] = engine.map(statistics, sums, { parameters: [1 / x.rows, epsilon, targetRms] });
    const [y] = engine.map(normalise, [x, mean!, scale!]);
    return { y: y!, mean: mean!, variance: variance!, scale: scale! };
  });
}

/** The derivative of `batchNorm`'s input, from its output y, that output's derivative and its factors. */
export function batchNormGrad(
  engine: Engine,
  { y, scale }: Pick<BatchNormResult, 'y' | 'scale'>,
  dy: Tensor,
  { targetRms = 1 }: BatchNormOptions = {},
): Tensor {
  return engine.tidy(() => {
    const [shift, slope] = engine.map(terms, [scale, ...engine.mapSums(slopes, [y, dy])], {
      parameters: [1 / y.rows, 1 / (y.rows * targetRms ** 2)],
    });
    return engine.map(derivative, [y, dy, scale, shift!, slope!])[0]!;
  });
}
