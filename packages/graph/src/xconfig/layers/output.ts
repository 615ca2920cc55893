import { bool, choice, defineOptions, float, int, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';
import { realText } from '../number-text.js';

const objectiveType = choice('linear', ['linear', 'quadratic'], 'Objective of the output node');
const outputDelay = int(0, 'Frames by which the output is read later than its label');

const outputNode = (name: string, node: string, delay: number, objective: string): string =>
  `output-node name=${name} input=${delay === 0 ? node : `Offset(${node}, ${delay})`} objective=${objective}`;

/** An output node alone. */
export const output = defineLayer({
  names: ['output'],
  summary: 'An output of the network: what it reads, unchanged.',
  keys: defineOptions({ dim: int(-1, 'Not used: the dimension is that of the input'), objectiveType, outputDelay }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  output: () => undefined,
  lines: ({ name, input, config }) => [outputNode(name, input.text, config.outputDelay, config.objectiveType)],
});

/** The usual end of a network. */
export const outputLayer = defineLayer({
  names: ['output-layer'],
  summary: 'An output of the network through an affine component and, unless told otherwise, a log-softmax.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output'),
    bottleneckDim: int(-1, 'Where set, a linear component of this dimension goes before the affine one'),
    orthonormalConstraint: float(1, 'Of the bottleneck: the scale at which it is kept orthonormal'),
    includeLogSoftmax: bool(true, 'Ends in a log-softmax (false for chain models)'),
    objectiveType,
    outputDelay,
    ngAffineOptions: text('', 'Further text for the affine component'),
    ngLinearOptions: text('', 'Further text for the bottleneck'),
    learningRateFactor: text('', 'Factor on the learning rate'),
    l2Regularize: text('', 'Weight of l2 regularization'),
    maxChange: float(1.5, 'Most that a minibatch may change the parameters'),
    paramStddev: float(0, 'Spread of the first weights'),
    biasStddev: float(0, 'Spread of the first biases'),
  }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  check: ({ config, input }) => {
    const { bottleneckDim: b, dim, orthonormalConstraint } = config;
    if (orthonormalConstraint <= 0) {
      return 'orthonormal-constraint must be above 0; put a linear-component and a batchnorm-component before it instead';
    }
    if (b === 0 || (b > 0 && (b >= dim || b >= input.dim))) {
      return `bottleneck-dim=${b} does not lie between 0 and the dimensions on its sides, ${input.dim} and ${dim}`;
    }
    return undefined;
  },
  output: () => undefined,
  auxiliary: ({ name, config }) => ({
    affine: { text: `${name}.affine`, dim: config.dim },
    ...(config.includeLogSoftmax && { 'log-softmax': { text: `${name}.log-softmax`, dim: config.dim } }),
  }),
  lines: ({ name, input, config, text }) => {
    const lines: string[] = [];
    const shared = {
      'learning-rate-factor': text.learningRateFactor,
      'l2-regularize': text.l2Regularize,
      'max-change': text.maxChange,
    };
    let node = input.text;
    let { dim } = input;
    if (config.bottleneckDim > 0) {
      const stddev = config.orthonormalConstraint / Math.sqrt(dim);
      const options = config.ngLinearOptions + passed(shared);
      lines.push(
        ...pair(
          `${name}.linear`,
          `type=LinearComponent orthonormal-constraint=${text.orthonormalConstraint} param-stddev=${realText(stddev)} ` +
            `input-dim=${dim} output-dim=${config.bottleneckDim} max-change=0.75 ${options}`,
          node,
        ),
      );
      node = `${name}.linear`;
      dim = config.bottleneckDim;
    }
    const options =
      config.ngAffineOptions + passed({ ...shared, 'param-stddev': text.paramStddev, 'bias-stddev': text.biasStddev });
    lines.push(
      ...pair(
        `${name}.affine`,
        `type=NaturalGradientAffineComponent input-dim=${dim} output-dim=${config.dim} ${options}`,
        node,
      ),
    );
    node = `${name}.affine`;
    if (config.includeLogSoftmax) {
      lines.push(...pair(`${name}.log-softmax`, `type=LogSoftmaxComponent dim=${config.dim}`, node));
      node = `${name}.log-softmax`;
    }
    lines.push(outputNode(name, node, config.outputDelay, config.objectiveType));
    return lines;
  },
});
