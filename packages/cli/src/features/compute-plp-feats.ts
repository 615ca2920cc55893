import { Plp, plpOptions } from '@jebena/features';
import { waveProgram } from './wave-program.js';

export const program = waveProgram({
  name: 'compute-plp-feats',
  summary: 'Computes perceptual linear prediction cepstra of waves.',
  options: plpOptions,
  warped: true,
  make: (options) => new Plp(options),
  htkKind: () => 0o13 | 0o20000,
});
