import { Spectrogram, spectrogramOptions } from '@jebena/features';
import { waveProgram } from './wave-program.js';

export const program = waveProgram({
  name: 'compute-spectrogram-feats',
  summary: 'Computes log power spectra of waves.',
  options: spectrogramOptions,
  warped: false,
  make: (options) => new Spectrogram(options),
  htkKind: () => 0o7 | 0o20000,
});
