import { MixedRadixFft } from './mixed-radix-fft.js';
import { SplitRadixFft } from './split-radix-fft.js';

/** A forward complex Fourier transform of one length, in place, in 32-bit arithmetic. */
export interface ComplexFft {
  readonly re: Float32Array;
  readonly im: Float32Array;
  transform(): void;
}

/** Kaldi's transform of that length: split radix for powers of two, mixed radix else. */
export const complexFft = (length: number): ComplexFft =>
  length > 1 && Number.isInteger(Math.log2(length)) ? new SplitRadixFft(length) : new MixedRadixFft(length);
