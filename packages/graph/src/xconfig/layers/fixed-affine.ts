import { bool, defineOptions, int, text } from '@jebena/options';
import { defineLayer } from '../layer.js';

/** A transform read from a file that does not exist yet: LDA, estimated on what init.config gives. */
export const fixedAffineLayer = defineLayer({
  names: ['fixed-affine-layer'],
  summary: 'A fixed affine transform from a file, usually LDA.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output; that of the input where not set'),
    affineTransformFile: text('', 'File of the matrix, its last column the bias'),
    delay: int(0, 'Frames by which the output of init.config is read later'),
    writeInitConfig: bool(true, 'Writes init.config, on which the transform is estimated'),
  }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  check: ({ config }) => config.affineTransformFile === '' && 'affine-transform-file is missing',
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config }) => {
    const node = `component-node name=${name} component=${name} input=${input.text}`;
    const component = `component name=${name} type=FixedAffineComponent`;
    const init =
      config.delay === 0
        ? [`output-node name=output input=${input.text}`]
        : [
            `component name=${name}.delayed type=NoOpComponent dim=${input.dim}`,
            `component-node name=${name}.delayed component=${name}.delayed input=${input.text}`,
            `output-node name=output input=Offset(${name}.delayed, ${config.delay})`,
          ];
    return {
      init: config.writeInitConfig ? init : [],
      ref: [`${component} input-dim=${input.dim} output-dim=${config.dim}`, node],
      final: [`${component} matrix=${config.affineTransformFile}`, node],
    };
  },
});
