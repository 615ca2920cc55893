import { bool, defineOptions, float, int, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';

/** Layers named after what follows their affine component, e.g. `relu-batchnorm-layer`. */
export const basic = defineLayer({
  names: [
    'relu-layer',
    'relu-renorm-layer',
    'relu-batchnorm-layer',
    'relu-batchnorm-dropout-layer',
    'relu-dropout-layer',
    'relu-batchnorm-so-layer',
    'batchnorm-so-relu-layer',
    'batchnorm-layer',
    'sigmoid-layer',
    'tanh-layer',
  ],
  summary: 'An affine component and, in the order of its name, nonlinearities and normalisations.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output; that of the input where not set'),
    bottleneckDim: int(-1, 'Where set, an orthonormal linear component of this dimension goes before the affine one'),
    selfRepairScale: float(1e-5, 'Scale of the self-repair of relu, sigmoid and tanh'),
    targetRms: float(1, 'Root mean square that renorm and batchnorm aim at'),
    ngAffineOptions: text('', 'Further text for the affine component'),
    ngLinearOptions: text('', 'Further text for the bottleneck'),
    dropoutProportion: float(0.5, 'Proportion that dropout drops'),
    dropoutPerDim: bool(false, 'The same dropout mask for all frames of a sequence'),
    dropoutPerDimContinuous: bool(false, 'The same, with a mask of real values'),
    addLogStddev: bool(false, 'The last renorm appends the log of the standard deviation'),
    biasStddev: text('', 'Spread of the first biases'),
    l2Regularize: text('', 'Weight of l2 regularization'),
    learningRateFactor: text('', 'Factor on the learning rate'),
    maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  check: ({ config, type }) => {
    const { bottleneckDim: b, dim, selfRepairScale, targetRms, learningRateFactor } = config;
    if (b === 0 || b >= dim) return `bottleneck-dim=${b} must lie between 0 and dim=${dim}`;
    if (selfRepairScale < 0 || selfRepairScale > 1) return `self-repair-scale=${selfRepairScale} must lie in 0 to 1`;
    if (targetRms < 0) return `target-rms=${targetRms} must not be below 0`;
    if (learningRateFactor !== '' && !(Number(learningRateFactor) > 0)) {
      return `learning-rate-factor=${learningRateFactor} must be a number above 0`;
    }
    if (config.addLogStddev && !type.endsWith('renorm-layer')) return 'add-log-stddev wants a renorm at the end';
    return undefined;
  },
  output: ({ name, type, config }) => ({ text: `${name}.${operationsOf(type).at(-1)!}`, dim: config.dim }),
  lines: ({ name, type, input, config, text }) => {
    const operations = operationsOf(type);
    // A renorm that appends a dimension makes up for the one that is left out before it.
    const dim = config.addLogStddev ? config.dim - 1 : config.dim;
    const lines: string[] = [];
    let node = input.text;
    let inputDim = input.dim;
    const add = (part: string, component: string): void => {
      lines.push(...pair(`${name}.${part}`, component, node));
      node = `${name}.${part}`;
    };
    const shared = { 'max-change': text.maxChange, 'learning-rate-factor': text.learningRateFactor };
    if (config.bottleneckDim > 0) {
      const options = config.ngLinearOptions + passed(shared);
      add(
        'linear',
        `type=LinearComponent input-dim=${inputDim} orthonormal-constraint=1.0 output-dim=${config.bottleneckDim} ${options}`,
      );
      inputDim = config.bottleneckDim;
    }
    const options =
      config.ngAffineOptions +
      passed({ ...shared, 'bias-stddev': text.biasStddev, 'l2-regularize': text.l2Regularize });
    add('affine', `type=NaturalGradientAffineComponent input-dim=${inputDim} output-dim=${dim} ${options}`);

    const repair = `dim=${dim} self-repair-scale=${text.selfRepairScale}`;
    operations.forEach((operation, i) => {
      const logStddev = config.addLogStddev && i === operations.length - 1;
      const perDim = config.dropoutPerDim || config.dropoutPerDimContinuous;
      const components: Record<string, string> = {
        relu: `type=RectifiedLinearComponent ${repair}`,
        sigmoid: `type=SigmoidComponent ${repair}`,
        tanh: `type=TanhComponent ${repair}`,
        renorm: `type=NormalizeComponent dim=${dim} target-rms=${text.targetRms} add-log-stddev=${logStddev}`,
        batchnorm: `type=BatchNormComponent dim=${dim} target-rms=${text.targetRms}`,
        so: `type=ScaleAndOffsetComponent dim=${dim} max-change=0.5 `,
        dropout: perDim
          ? `type=GeneralDropoutComponent dim=${dim} dropout-proportion=${text.dropoutProportion} ` +
            `${config.dropoutPerDimContinuous ? 'continuous=true' : ''}`
          : `type=DropoutComponent dim=${dim} dropout-proportion=${text.dropoutProportion}`,
      };
      add(operation, components[operation]!);
    });
    return lines;
  },
});

const operationsOf = (type: string): string[] => type.split('-').slice(0, -1);
