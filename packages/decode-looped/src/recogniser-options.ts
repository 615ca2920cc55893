import { atLeast, bool, choice, defineOptions, float, int, type OptionValues, text } from '@jebena/options';
import { endPointOptions } from './end-point.js';

/** How a recogniser hears and searches; `recogniser.conf` of a model's folder holds them. */
export const recogniserOptions = defineOptions({
  featureType: choice('fbank', ['fbank', 'mfcc'], 'Features that the model was trained on'),
  cmvnConfig: text(
    '',
    "File with the options of online normalisation, in the model's folder; empty: features stay as they are",
  ),
  globalCmvnStats: text('', "File with statistics of the training corpus, in the model's folder; with cmvnConfig"),
  acousticScale: float(0.1, "Factor on the network's scores (1 for chain models)"),
  frameSubsamplingFactor: int(1, 'Input frames for each output of the network', atLeast(1)),
  framesPerChunk: int(20, 'Frames that are computed at a time, at least', atLeast(1)),
  maxBatch: int(32, 'Most streams whose chunks are computed at once', atLeast(1)),
  beam: float(15, 'Decoding beam: larger is slower and more accurate'),
  maxActive: int(7000, 'Most states active at a frame', atLeast(2)),
  confidences: bool(true, 'Make a lattice of each segment, for end times and confidences of its words'),
  latticeBeam: float(8, 'How much worse than the best a path in that lattice may be', atLeast(0)),
  ...endPointOptions,
});

export type RecogniserOptions = OptionValues<typeof recogniserOptions>;
