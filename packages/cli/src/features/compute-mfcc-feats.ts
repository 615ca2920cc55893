import { Mfcc, mfccOptions } from '@jebena/features';
import { waveProgram } from './wave-program.js';

export const program = waveProgram({
  name: 'compute-mfcc-feats',
  summary: 'Computes mel-frequency cepstra of waves.',
  options: mfccOptions,
  warped: true,
  make: (options) => new Mfcc(options),
  htkKind: ({ useEnergy }) => 0o6 | (useEnergy ? 0o100 : 0o20000),
});
