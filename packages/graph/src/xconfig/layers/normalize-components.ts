import { bool, defineOptions, float } from '@jebena/options';
import { alsoInInit, defineLayer, pair } from '../layer.js';

const targetRms = float(1, 'Root mean square that is aimed at');
const checkRms = (rms: number): string | false => rms <= 0 && `target-rms=${rms} must be above 0`;

export const renormComponent = defineLayer({
  names: ['renorm-component'],
  summary: 'Scales each frame to one root mean square.',
  keys: defineOptions({ targetRms }),
  check: ({ config }) => checkRms(config.targetRms),
  output: ({ name, input }) => ({ text: name, dim: input.dim }),
  lines: ({ name, input, text }) =>
    pair(name, `type=NormalizeComponent dim=${input.dim} target-rms=${text.targetRms}`, input.text),
});

export const batchnormComponent = defineLayer({
  names: ['batchnorm-component'],
  summary: 'Batch normalization alone.',
  keys: defineOptions({ targetRms, includeInInit: bool(false, 'Is part of init.config') }),
  check: ({ config }) => checkRms(config.targetRms),
  output: ({ name, input }) => ({ text: name, dim: input.dim }),
  lines: ({ name, input, config, text }) =>
    alsoInInit(
      pair(name, `type=BatchNormComponent dim=${input.dim} target-rms=${text.targetRms}`, input.text),
      config.includeInInit,
    ),
});

export const noOpComponent = defineLayer({
  names: ['no-op-component'],
  summary: 'Gives a name to a descriptor.',
  keys: defineOptions({}),
  output: ({ name, input }) => ({ text: name, dim: input.dim }),
  lines: ({ name, input }) => pair(name, `type=NoOpComponent dim=${input.dim}`, input.text),
});
