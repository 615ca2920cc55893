import { type OptionValues, atLeast, bool, defineOptions, float, int, within } from '@jebena/options';

/** Every option of Kaldi's PitchExtractionOptions (feat/pitch-functions.h). */
export const pitchOptions = defineOptions({
  sampleFrequency: float(16000, 'Sample frequency of the waves in hertz', atLeast(1)),
  frameLength: float(25, 'Length of a frame in milliseconds', atLeast(0)),
  frameShift: float(10, 'Shift from frame to frame in milliseconds', atLeast(0)),
  preemphasisCoefficient: float(0, 'Coefficient of the pre-emphasis (deprecated)', within(0, 1)),
  minF0: float(50, 'Lowest pitch searched for in hertz', atLeast(1)),
  maxF0: float(400, 'Highest pitch searched for in hertz', atLeast(1)),
  softMinF0: float(10, 'Lowest pitch, applied softly; at most min-f0'),
  penaltyFactor: float(0.1, 'Cost factor of a change in pitch'),
  lowpassCutoff: float(1000, 'Cut-off of the low-pass filter in hertz'),
  resampleFrequency: float(4000, 'Rate in hertz that samples are resampled to; above twice lowpass-cutoff'),
  deltaPitch: float(0.005, 'Smallest relative change in pitch that is told apart', atLeast(0.0001)),
  nccfBallast: float(7000, 'More of it lowers the correlation of quiet frames'),
  nccfBallastOnline: bool(false, 'Take the energy up to the present frame only, so that pieces do not matter'),
  lowpassFilterWidth: int(1, 'Width of the low-pass filter: more is sharper', atLeast(1)),
  upsampleFilterWidth: int(5, 'Width of the filter that upsamples the correlation', atLeast(1)),
  framesPerChunk: int(0, 'Frames to take at once in a whole wave, as online decoding would; 0: all', atLeast(0)),
  simulateFirstPassOnline: bool(
    false,
    'Give each frame as it is first seen online, not its last revision; with frames-per-chunk',
  ),
  recomputeFrame: int(500, 'Frame at which the first ones are computed anew with a better energy', atLeast(0)),
  maxFramesLatency: int(0, 'Most frames that a first pass waits for the tracking to settle', atLeast(0)),
  snipEdges: bool(true, 'Give only frames that lie wholly in the wave'),
});

export type PitchOptions = OptionValues<typeof pitchOptions>;
