import { type OptionValues, atLeast, bool, choice, defineOptions, float, int, within } from '@jebena/options';

/** How samples are cut into frames: Kaldi's FrameExtractionOptions (feat/feature-window.h). */
export const frameOptions = defineOptions({
  sampleFrequency: float(16000, 'Sample frequency of the waves in hertz', atLeast(1)),
  frameLength: float(25, 'Length of a frame in milliseconds', atLeast(0)),
  frameShift: float(10, 'Shift from frame to frame in milliseconds', atLeast(0)),
  preemphasisCoefficient: float(0.97, 'Coefficient of the pre-emphasis', within(0, 1)),
  removeDcOffset: bool(true, 'Subtract the mean of each frame'),
  dither: float(1, 'Standard deviation of the noise added to each sample; 0 adds none'),
  windowType: choice(
    'povey',
    ['hamming', 'hanning', 'povey', 'rectangular', 'sine', 'blackman'] as const,
    'Window that each frame is multiplied by',
  ),
  blackmanCoeff: float(0.42, 'Constant of the generalised Blackman window'),
  roundToPowerOfTwo: bool(true, 'Pad frames with zeros to a power of two before the Fourier transform'),
  snipEdges: bool(
    true,
    'Give only frames that lie wholly in the wave; if false, one frame a shift, the wave reflected at its ends',
  ),
  allowDownsample: bool(false, 'Resample waves of a higher rate'),
  allowUpsample: bool(false, 'Resample waves of a lower rate'),
  maxFeatureVectors: int(-1, "Taken for Kaldi's sake: a stream here keeps no frames"),
});

export type FrameOptions = OptionValues<typeof frameOptions>;

/** What the options come to in samples. */
export interface FrameGeometry {
  /** Samples of a frame. */
  readonly size: number;
  /** Samples from one frame's start to the next's. */
  readonly shift: number;
  /** Samples of a frame with the zeros that pad it for the Fourier transform. */
  readonly paddedSize: number;
  readonly snipEdges: boolean;
}

/**
 * Sizes in samples, rounded down as Kaldi rounds them (its options are 32-bit floats).
 *
 * @throws RangeError where a frame or a shift would hold no sample
 */
export function frameGeometry(o: FrameOptions): FrameGeometry {
  const samples = (ms: number): number => Math.trunc(Math.fround(o.sampleFrequency) * 0.001 * Math.fround(ms));
  const size = samples(o.frameLength);
  const shift = samples(o.frameShift);
  if (size < 2 || shift < 1)
    throw new RangeError(
      `frames: expected a length of at least 2 samples and a shift of at least 1, found ${size} and ${shift}`,
    );
  const paddedSize = o.roundToPowerOfTwo ? 2 ** Math.ceil(Math.log2(size)) : size;
  return { size, shift, paddedSize, snipEdges: o.snipEdges };
}

/** Index of a frame's first sample; before the wave's start (negative) only without `snipEdges`. */
export const firstSampleOfFrame = (frame: number, { size, shift, snipEdges }: FrameGeometry): number =>
  snipEdges ? frame * shift : frame * shift + Math.trunc(shift / 2) - Math.trunc(size / 2);

/**
 * How many frames can be cut from the first `samples` samples of a wave.
 *
 * @param flush whether the wave ends there; else frames that may yet need later samples are not counted
 */
export function numFrames(samples: number, geometry: FrameGeometry, flush: boolean = true): number {
  const { size, shift, snipEdges } = geometry;
  if (snipEdges) return samples < size ? 0 : 1 + Math.trunc((samples - size) / shift);
  const whole = Math.trunc((samples + Math.trunc(shift / 2)) / shift);
  if (flush) return whole;
  const end = firstSampleOfFrame(whole - 1, geometry) + size;
  return Math.max(0, whole - Math.max(0, Math.ceil((end - samples) / shift)));
}
