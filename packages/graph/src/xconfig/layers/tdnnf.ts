import { choice, defineOptions, float, int } from '@jebena/options';
import { defineLayer, pair } from '../layer.js';

/** A factorized TDNN layer (Povey et al. 2018, "Semi-orthogonal low-rank matrix factorization"). */
export const tdnnfLayer = defineLayer({
  names: ['tdnnf-layer'],
  summary: 'A factorized TDNN layer: two TDNN components with a narrow middle, relu, batchnorm, and a bypass.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output'),
    bottleneckDim: int(-1, 'Dimension of the middle'),
    bypassScale: float(0.66, 'Factor on the input as it is added to the output; 0 for no bypass'),
    dropoutProportion: float(-1, 'Spread of the continuous dropout that is shared over time; -1 for none'),
    timeStride: int(1, 'Distance in frames of the two frames that are spliced; 0 for no splicing'),
    l2Regularize: float(0, 'Weight of l2 regularization'),
    maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
    selfRepairScale: float(1e-5, 'Scale of the self-repair of relu'),
    context: choice('default', ['default', 'left-only', 'shift-left', 'none'], 'Where the spliced frames lie'),
  }),
  check: ({ config, input }) => {
    const { dim, bottleneckDim, bypassScale, dropoutProportion: dropout } = config;
    if (bottleneckDim <= 0) return 'bottleneck-dim must be given, above 0';
    if (dim <= bottleneckDim) return `dim=${dim} must be above bottleneck-dim=${bottleneckDim}`;
    if (dropout !== -1 && !(dropout >= 0 && dropout < 1)) return `dropout-proportion=${dropout} must lie in 0 to 1`;
    if (Math.abs(bypassScale) > 1) return `bypass-scale=${bypassScale} must lie in -1 to 1`;
    if (bypassScale !== 0 && dim !== input.dim) {
      return `a bypass wants dim=${dim} equal to the input's ${input.dim} (bypass-scale=0 takes it out)`;
    }
    return undefined;
  },
  output: ({ name, config }) => ({ text: `${name}.${lastPart(config)}`, dim: config.dim }),
  lines: ({ name, input, config, text }) => {
    const [before, after] = timeOffsets(config.timeStride, config.context);
    const { dim, bottleneckDim } = config;
    const shared = `l2-regularize=${text.l2Regularize} max-change=${text.maxChange}`;
    const lines = [
      ...pair(
        `${name}.linear`,
        `type=TdnnComponent input-dim=${input.dim} output-dim=${bottleneckDim} ${shared} ` +
          `use-bias=false time-offsets=${before} orthonormal-constraint=-1.0`,
        input.text,
      ),
      ...pair(
        `${name}.affine`,
        `type=TdnnComponent input-dim=${bottleneckDim} output-dim=${dim} ${shared} time-offsets=${after}`,
        `${name}.linear`,
      ),
      ...pair(
        `${name}.relu`,
        `type=RectifiedLinearComponent dim=${dim} self-repair-scale=${text.selfRepairScale}`,
        `${name}.affine`,
      ),
      ...pair(`${name}.batchnorm`, `type=BatchNormComponent dim=${dim}`, `${name}.relu`),
    ];
    const dropout = config.dropoutProportion !== -1;
    if (dropout) {
      const component = `type=GeneralDropoutComponent dim=${dim} dropout-proportion=${text.dropoutProportion} continuous=true`;
      lines.push(...pair(`${name}.dropout`, component, `${name}.batchnorm`));
    }
    if (config.bypassScale !== 0) {
      const main = `${name}.${dropout ? 'dropout' : 'batchnorm'}`;
      const sum = `Sum(Scale(${text.bypassScale}, ${input.text}), ${main})`;
      lines.push(...pair(`${name}.noop`, `type=NoOpComponent dim=${dim}`, sum));
    }
    return lines;
  },
});

const lastPart = (config: { bypassScale: number; dropoutProportion: number }): string => {
  if (config.bypassScale !== 0) return 'noop';
  return config.dropoutProportion === -1 ? 'batchnorm' : 'dropout';
};

function timeOffsets(stride: number, context: string): [before: string, after: string] {
  if (stride === 0 || context === 'none') return ['0', '0'];
  const left = `${-stride},0`;
  return [left, { default: `0,${stride}`, 'shift-left': left, 'left-only': '0' }[context]!];
}
