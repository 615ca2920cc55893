import { chunkOptions } from '@jebena/egs';
import { atLeast, bool, defineOptions, int, text } from '@jebena/options';

/** Options of both programs that make chain examples. */
export const chainEgsOptions = defineOptions({
  compress: bool(true, 'Write features compressed'),
  leftContext: chunkOptions.leftContext,
  rightContext: chunkOptions.rightContext,
  leftContextInitial: chunkOptions.leftContextInitial,
  rightContextFinal: chunkOptions.rightContextFinal,
  numFramesOverlap: int(0, 'Frames of overlap between adjacent egs of the primary size', atLeast(0)),
  frameSubsamplingFactor: chunkOptions.frameSubsamplingFactor,
  ivectors: text('', 'Alias for --online-ivectors'),
  onlineIvectors: text('', 'Rspecifier of iVectors, as matrices'),
  onlineIvectorPeriod: int(1, 'Frames between iVectors in the matrices', atLeast(1)),
  lengthTolerance: int(100, 'Tolerated difference in length between feats and iVectors, in frames', atLeast(0)),
  srand: int(0, 'Seed of the random draws'),
});
