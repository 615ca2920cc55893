import type { FrameOptions } from './frame-options.js';

/** The window that frames of `size` samples are multiplied by (Kaldi's feat/feature-window.cc). */
export function windowFunction(
  options: Pick<FrameOptions, 'windowType' | 'blackmanCoeff'>,
  size: number,
): Float32Array {
  const shape = shapes[options.windowType];
  const blackman = Math.fround(options.blackmanCoeff);
  return Float32Array.from({ length: size }, (_, i) => shape((2 * Math.PI * i) / (size - 1), blackman));
}

/** By the angle that goes from 0 to two pi over the window. */
const shapes: Record<FrameOptions['windowType'], (angle: number, blackmanCoeff: number) => number> = {
  hanning: (a) => 0.5 - 0.5 * Math.cos(a),
  sine: (a) => Math.sin(0.5 * a),
  hamming: (a) => 0.54 - 0.46 * Math.cos(a),
  povey: (a) => (0.5 - 0.5 * Math.cos(a)) ** 0.85,
  rectangular: () => 1,
  blackman: (a, c) => c - 0.5 * Math.cos(a) + (0.5 - c) * Math.cos(2 * a),
};
