import { SplitRadixFft } from './split-radix-fft.js';

/**
 * The convolution of a signal with a filter, in blocks through the Fourier transform.
 *
 * @returns `signal.length + filter.length - 1` samples; none where either is empty
 */
export function convolve(signal: Float32Array, filter: Float32Array): Float32Array {
  if (signal.length === 0 || filter.length === 0) return new Float32Array(0);
  const size = 2 ** Math.max(8, Math.ceil(Math.log2(filter.length)) + 2);
  const fft = new SplitRadixFft(size);
  const { re, im } = fft;
  re.set(filter);
  im.fill(0);
  fft.transform();
  const [filterRe, filterIm] = [re.slice(), im.slice()];
  const step = size - filter.length + 1;
  const result = new Float32Array(signal.length + filter.length - 1);
  // The filter is real, so one complex transform does two blocks: one as its real part, one as its imaginary.
  for (let at = 0; at < signal.length; at += 2 * step) {
    re.fill(0);
    im.fill(0);
    re.set(signal.subarray(at, at + step));
    im.set(signal.subarray(at + step, at + 2 * step));
    fft.transform();
    for (let k = 0; k < size; k++) {
      const x = re[k]! * filterRe[k]! - im[k]! * filterIm[k]!;
      // The inverse transform is the forward one with the parts swapped.
      re[k] = re[k]! * filterIm[k]! + im[k]! * filterRe[k]!;
      im[k] = x;
    }
    fft.transform();
    for (let n = 0, to = at; n < size && to < result.length; n++, to++) result[to] = result[to]! + im[n]! / size;
    for (let n = 0, to = at + step; n < size && to < result.length; n++, to++) result[to] = result[to]! + re[n]! / size;
  }
  return result;
}
