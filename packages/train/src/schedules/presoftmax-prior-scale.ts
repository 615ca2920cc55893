/**
 * What the activations before a softmax are multiplied by, class by class, so that rare classes do not start far down:
 * (count + smooth * mean count)^power, with a mean of 1. The scales of a FixedScaleComponent
 * (steps/libs/nnet3/train/common.py).
 *
 * @param counts of each class in the training data
 * @throws RangeError where counts are below zero, or all zero
 */
export function presoftmaxPriorScale(
  counts: ArrayLike<number>,
  { power = -0.25, smooth = 0.01 }: { readonly power?: number; readonly smooth?: number } = {},
): Float32Array {
  const all = Array.from(counts);
  const total = all.reduce((a, b) => a + b, 0);
  if (!(total > 0) || all.some((count) => !(count >= 0)))
    throw new RangeError('presoftmaxPriorScale: expected counts of at least 0 that are not all 0, found otherwise');
  const scales = all.map((count) => (count + (smooth * total) / all.length) ** power);
  const sum = scales.reduce((a, b) => a + b, 0);
  return Float32Array.from(scales, (scale) => (scale * all.length) / sum);
}
