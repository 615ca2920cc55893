import { elementwise, type Value, type Writer } from '../elementwise.js';
import type { Engine, Tensor } from '../engine.js';

const statistics = elementwise(2, 3, (e, [sum, squares]) => {
  const mean = e.mul(sum!, e.parameter(0));
  const square = e.mul(squares!, e.parameter(0));
  const variance = e.op('relu', e.sub(square, e.mul(mean, mean)));
  const scale = e.mul(e.op('rsqrt', e.add(variance, e.parameter(1))), e.parameter(2));
  return [mean, variance, scale];
});
const moments = elementwise(1, 0, (e, [x]) => [x!, e.mul(x!, x!)]);
const normalised = (e: Writer, x: Value, mean: Value, scale: Value): Value => e.mul(e.sub(x, mean), scale);
const normalise = elementwise(3, 0, (e, [x, mean, scale]) => [normalised(e, x!, mean!, scale!)]);
const normaliseAndAdd = elementwise(4, 1, (e, [x, mean, scale, other]) => [
  e.mulAdd(other!, e.parameter(0), normalised(e, x!, mean!, scale!)),
]);
const slopes = elementwise(4, 0, (e, [x, mean, scale, dy]) => [dy!, e.mul(normalised(e, x!, mean!, scale!), dy!)]);
// dx = scale (dy - mean(dy)) - y scale mean(y dy) / targetRms^2, with the rows' terms made first.
const terms = elementwise(3, 2, (e, [scale, sum, dots]) => [
  e.op('neg', e.mul(e.mul(scale!, sum!), e.parameter(0))),
  e.op('neg', e.mul(e.mul(scale!, dots!), e.parameter(1))),
]);
const throughNorm = (e: Writer, [x, mean, scale, dy, shift, slope]: readonly Value[]): Value =>
  e.mulAdd(dy!, scale!, e.mulAdd(normalised(e, x!, mean!, scale!), slope!, shift!));
const derivative = elementwise(6, 0, (e, given) => [throughNorm(e, given)]);
const rectified = elementwise(6, 0, (e, given) => [e.op('reluGrad', given[0]!, throughNorm(e, given))]);
const rectifiedAndPushed = elementwise(7, 0, (e, given) => [
  e.add(e.op('reluGrad', given[0]!, throughNorm(e, given)), given[6]!),
]);
const squares = elementwise(6, 0, (e, given) => [e.op('square', throughNorm(e, given))]);

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

/** What normalises columns: of each (1 x cols) the mean and the factor. */
export type Normalizer = Pick<BatchNormResult, 'mean' | 'scale'>;

/** The way back through a normalisation: dx = dy scale + y slope + shift, with a row of each. */
export interface NormalizerSlope extends Normalizer {
  readonly shift: Tensor;
  readonly slope: Tensor;
}

/** Brings each column to mean 0 and the target's root mean square over the rows. (Kaldi: BatchNormComponent.) */
export function batchNorm(engine: Engine, x: Tensor, options: BatchNormOptions = {}): BatchNormResult {
  return engine.tidy(() => {
    const found = normalizer(engine, x, options);
    return { y: normalize(engine, x, found), ...found };
  });
}

/** What `batchNorm` normalises by, without doing so. */
export function normalizer(
  engine: Engine,
  x: Tensor,
  { epsilon = 1e-3, targetRms = 1 }: BatchNormOptions = {},
): Omit<BatchNormResult, 'y'> {
  return engine.tidy(() => {
    const sums = engine.mapSums(moments, [x]);
    const [mean, variance, scale] = engine.map(statistics, sums, { parameters: [1 / x.rows, epsilon, targetRms] });
    return { mean: mean!, variance: variance!, scale: scale! };
  });
}

/** (x - mean) * scale; with `other`, plus a number times that, in the same pass over memory. */
export function normalize(
  engine: Engine,
  x: Tensor,
  { mean, scale }: Normalizer,
  other?: { readonly of: Tensor; readonly factor: number },
): Tensor {
  if (!other) return engine.map(normalise, [x, mean, scale])[0]!;
  return engine.map(normaliseAndAdd, [x, mean, scale, other.of], { parameters: [other.factor] })[0]!;
}

/** What the derivative of `batchNorm`'s input is made with, from that input, and the derivative of the output. */
export function normalizerSlope(
  engine: Engine,
  x: Tensor,
  { mean, scale }: Normalizer,
  dy: Tensor,
  { targetRms = 1 }: BatchNormOptions = {},
): NormalizerSlope {
  return engine.tidy(() => {
    const [shift, slope] = engine.map(terms, [scale, ...engine.mapSums(slopes, [x, mean, scale, dy])], {
      parameters: [1 / x.rows, 1 / (x.rows * targetRms ** 2)],
    });
    return { mean, scale, shift: shift!, slope: slope! };
  });
}

/** The derivative of `batchNorm`'s input. */
export function batchNormGrad(
  engine: Engine,
  x: Tensor,
  norm: Normalizer,
  dy: Tensor,
  options: BatchNormOptions = {},
): Tensor {
  return engine.tidy(() => throughNormalizer(engine, x, normalizerSlope(engine, x, norm, dy, options), dy));
}

const rows = ({ mean, scale, shift, slope }: NormalizerSlope, x: Tensor, dy: Tensor): Tensor[] => [
  x,
  mean,
  scale,
  dy,
  shift,
  slope,
];

function throughNormalizer(engine: Engine, x: Tensor, norm: NormalizerSlope, dy: Tensor): Tensor {
  return engine.map(derivative, rows(norm, x, dy))[0]!;
}

/**
 * The derivative of a ReLU's input, where its output x was normalised and dy is the derivative of that: both ways back in
 * one pass over memory. `push` (1 x cols) is added to it.
 */
export function reluNormGrad(engine: Engine, x: Tensor, norm: NormalizerSlope, dy: Tensor, push?: Tensor): Tensor {
  const given = rows(norm, x, dy);
  return push ? engine.map(rectifiedAndPushed, [...given, push])[0]! : engine.map(rectified, given)[0]!;
}

/** 1 x cols: what the squares of the derivative of a normalisation's input add up to. */
export function normGradSquares(engine: Engine, x: Tensor, norm: NormalizerSlope, dy: Tensor): Tensor {
  return engine.mapSums(squares, rows(norm, x, dy))[0]!;
}
