import { Fbank, fbankOptions } from '@jebena/features';
import { waveProgram } from './wave-program.js';

export const program = waveProgram({
  name: 'compute-fbank-feats',
  summary: 'Computes log mel filter bank energies of waves.',
  options: fbankOptions,
  warped: true,
  make: (options) => new Fbank(options),
  htkKind: ({ useEnergy }) => 0o7 | (useEnergy ? 0o100 : 0o20000),
});
