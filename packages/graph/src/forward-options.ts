import { atLeast, bool, defineOptions, float, int, type OptionValues } from '@jebena/options';

/** How utterances are cut and computed, as Kaldi's nnet3-compute and decoders name it. */
export const forwardOptions = defineOptions({
  framesPerChunk: int(50, 'Output frames that are computed at a time, before subsampling.', atLeast(1)),
  frameSubsamplingFactor: int(1, 'Only every so many-th output frame is computed.', atLeast(1)),
  extraLeftContext: int(0, 'Input frames before each chunk beyond what the network needs.', atLeast(0)),
  extraRightContext: int(0, 'Input frames after each chunk beyond what the network needs.', atLeast(0)),
  extraLeftContextInitial: int(-1, 'The same for the first chunk of an utterance; -1: as the others.'),
  extraRightContextFinal: int(-1, 'The same for the last chunk of an utterance; -1: as the others.'),
  onlineIvectorPeriod: int(0, 'Frames between the rows of online iVectors.', atLeast(0)),
  acousticScale: float(1, 'The output is multiplied by this, after the priors.'),
  minibatchSize: int(16, 'Chunks of one shape, of any utterances, that are computed together.', atLeast(1)),
  collapse: bool(true, 'Whether batch norm and fixed components are folded into the affines first.'),
});

export type ForwardPassOptions = OptionValues<typeof forwardOptions>;
