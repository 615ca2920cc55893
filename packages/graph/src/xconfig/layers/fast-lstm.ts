import { defineOptions, float, text } from '@jebena/options';
import { defineLayer } from '../layer.js';
import {
  checkProjected,
  checkRecurrent,
  decayTime,
  deriveCell,
  deriveProjection,
  l2Option,
  projectionKeys,
  recurrentKeys,
  truncation,
} from './recurrence.js';

const shared = {
  ...recurrentKeys,
  lstmNonlinearityOptions: text(' max-change=0.75', 'Further text for the LSTM component'),
  ngAffineOptions: text(' max-change=1.5', 'Further text for the affine components'),
  l2Regularize: float(0, 'Weight of l2 regularization'),
  decayTime,
};

const gateComment = '# Gate control: contains W_i, W_f, W_c and W_o matrices as blocks.';
const coreComments = [
  '# The core LSTM nonlinearity, implemented as a single component.',
  '# Input = (i_part, f_part, c_part, o_part, c_{t-1}), output = (c_t, m_t)',
  '# See cu-math.h:ComputeLstmNonlinearity() for details.',
];
const truncationComment = '# Component for backprop truncation, to avoid gradient blowup in long training examples.';

/** What follows an unprojected LSTM component: its output, and c and m as they are fed back. */
const unprojectedNodes = (n: string, cell: number): string[] => [
  `dim-range-node name=${n}.m input-node=${n}.lstm_nonlin dim-offset=${cell} dim=${cell}`,
  `component-node name=${n}.cm_trunc component=${n}.cm_trunc input=${n}.lstm_nonlin`,
  `dim-range-node name=${n}.c_trunc input-node=${n}.cm_trunc dim-offset=0 dim=${cell}`,
  `dim-range-node name=${n}.m_trunc input-node=${n}.cm_trunc dim-offset=${cell} dim=${cell}`,
];

/** An LSTM in one component. Its output c, which Kaldi's script names but does not make, is made where it is read. */
export const fastLstmLayer = defineLayer({
  names: ['fast-lstm-layer', 'fast-lstm-batchnorm-layer'],
  summary: 'An LSTM in one component.',
  keys: defineOptions(shared),
  derive: deriveCell,
  check: ({ config }) => checkRecurrent(config),
  output: ({ name, type, config }) => ({
    text: `${name}.${type === 'fast-lstm-batchnorm-layer' ? 'm_batchnorm' : 'm'}`,
    dim: config.cellDim,
  }),
  auxiliary: ({ name, config }) => ({ c: { text: `${name}.c`, dim: config.cellDim } }),
  lines: ({ name: n, type, input, config, text }, read) => {
    const { cellDim: cell, delay } = config;
    const l2 = l2Option(config.l2Regularize);
    const lines = [
      `### Begin LSTM layer '${n}'`,
      gateComment,
      `component name=${n}.W_all type=NaturalGradientAffineComponent input-dim=${input.dim + cell} ` +
        `output-dim=${4 * cell} ${config.ngAffineOptions} ${l2}`,
      ...coreComments,
      `component name=${n}.lstm_nonlin type=LstmNonlinearityComponent cell-dim=${cell} ${config.lstmNonlinearityOptions} ${l2}`,
      truncationComment,
      `component name=${n}.cm_trunc type=BackpropTruncationComponent dim=${2 * cell} ` +
        truncation(text, delay, config.decayTime),
      '###  Nodes for the components above.',
      `component-node name=${n}.W_all component=${n}.W_all ` +
        `input=Append(${input.text}, IfDefined(Offset(${n}.m_trunc, ${delay})))`,
      `component-node name=${n}.lstm_nonlin component=${n}.lstm_nonlin ` +
        `input=Append(${n}.W_all, IfDefined(Offset(${n}.c_trunc, ${delay})))`,
      ...(read.has('c') ? [`dim-range-node name=${n}.c input-node=${n}.lstm_nonlin dim-offset=0 dim=${cell}`] : []),
      ...unprojectedNodes(n, cell),
    ];
    if (type === 'fast-lstm-batchnorm-layer') {
      lines.push(
        `component name=${n}.m_batchnorm type=BatchNormComponent dim=${cell} `,
        `component-node name=${n}.m_batchnorm component=${n}.m_batchnorm input=${n}.m`,
      );
    }
    return [...lines, `### End LSTM layer '${n}'`];
  },
});

/** The same with a bottleneck before the gates. */
export const lstmbLayer = defineLayer({
  names: ['lstmb-layer'],
  summary: 'An LSTM in one component, with an orthonormal bottleneck before the gates and batchnorm after it.',
  keys: defineOptions({
    ...shared,
    orthonormalConstraint: float(1, 'Of the bottleneck: the scale at which it is kept orthonormal'),
    bottleneckDim: { ...recurrentKeys.cellDim, help: 'Dimension of the bottleneck' },
    selfScale: float(1, 'Factor on what is fed back to the gates'),
  }),
  derive: deriveCell,
  check: ({ config }) =>
    checkRecurrent(config) ?? (config.bottleneckDim <= 0 && 'bottleneck-dim must be given, above 0'),
  output: ({ name, config }) => ({ text: `${name}.m_batchnorm`, dim: config.cellDim }),
  lines: ({ name: n, input, config, text }) => {
    const { cellDim: cell, bottleneckDim: bottleneck, delay } = config;
    const l2 = l2Option(config.l2Regularize);
    return [
      `### Begin LSTM layer '${n}'`,
      `component name=${n}.W_all_a type=LinearComponent input-dim=${input.dim + cell} ` +
        `orthonormal-constraint=${text.orthonormalConstraint} output-dim=${bottleneck} ${config.ngAffineOptions}`,
      `component name=${n}.W_all_b type=LinearComponent input-dim=${bottleneck} output-dim=${4 * cell} ` +
        `${config.ngAffineOptions} ${l2}`,
      `component name=${n}.W_all_b_so type=ScaleAndOffsetComponent dim=${4 * cell} max-change=0.75`,
      ...coreComments,
      `component name=${n}.lstm_nonlin type=LstmNonlinearityComponent cell-dim=${cell} ${config.lstmNonlinearityOptions} ${l2}`,
      truncationComment,
      `component name=${n}.cm_trunc type=BackpropTruncationComponent dim=${2 * cell} ` +
        truncation(text, delay, config.decayTime),
      `component name=${n}.m_batchnorm type=BatchNormComponent dim=${cell} `,
      '###  Nodes for the components above.',
      `component-node name=${n}.W_all_a component=${n}.W_all_a ` +
        `input=Append(${input.text}, IfDefined(Offset(Scale(${text.selfScale}, ${n}.m_trunc), ${delay})))`,
      `component-node name=${n}.W_all_b component=${n}.W_all_b input=${n}.W_all_a`,
      `component-node name=${n}.W_all_b_so component=${n}.W_all_b_so input=${n}.W_all_b`,
      `component-node name=${n}.lstm_nonlin component=${n}.lstm_nonlin ` +
        `input=Append(${n}.W_all_b_so, IfDefined(Offset(${n}.c_trunc, ${delay})))`,
      ...unprojectedNodes(n, cell),
      `component-node name=${n}.m_batchnorm component=${n}.m_batchnorm input=${n}.m`,
      `### End LSTM layer '${n}'`,
    ];
  },
});

/** A projected LSTM in one component. Its cell is read as `c` or, as Kaldi's script calls it, `c_t`. */
export const fastLstmpLayer = defineLayer({
  names: ['fast-lstmp-layer', 'fast-lstmp-batchnorm-layer'],
  summary: 'A projected LSTM in one component.',
  keys: defineOptions({
    ...shared,
    ...projectionKeys,
    dropoutProportion: float(-1, 'Proportion of the gates that dropout drops, frame by frame; -1 for none'),
  }),
  derive: deriveProjection,
  check: ({ config }) => checkProjected(config),
  output: ({ name, type, config }) => ({
    text: `${name}.${type === 'fast-lstmp-batchnorm-layer' ? 'rp_batchnorm' : 'rp'}`,
    dim: config.recurrentProjectionDim + config.nonRecurrentProjectionDim,
  }),
  auxiliary: ({ name, config }) => {
    const cell = { text: `${name}.c`, dim: config.cellDim };
    return { c: cell, c_t: cell };
  },
  lines: ({ name: n, type, input, config, text }) => {
    const { cellDim: cell, delay, recurrentProjectionDim: recurrent } = config;
    const projected = recurrent + config.nonRecurrentProjectionDim;
    const l2 = l2Option(config.l2Regularize);
    const dropout = config.dropoutProportion !== -1;
    const mask = dropout ? `, ${n}.dropout_mask` : '';
    const lines = [
      `##  Begin LSTM layer '${n}'`,
      gateComment,
      `component name=${n}.W_all type=NaturalGradientAffineComponent input-dim=${input.dim + recurrent} ` +
        `output-dim=${4 * cell} ${config.ngAffineOptions} ${l2}`,
      ...coreComments,
      `component name=${n}.lstm_nonlin type=LstmNonlinearityComponent cell-dim=${cell} use-dropout=${dropout} ` +
        `${config.lstmNonlinearityOptions} ${l2}`,
      truncationComment,
      `component name=${n}.cr_trunc type=BackpropTruncationComponent dim=${cell + recurrent} ` +
        truncation(text, delay, config.decayTime),
    ];
    if (dropout) {
      lines.push(
        `component name=${n}.dropout_mask type=DropoutMaskComponent output-dim=3 ` +
          `dropout-proportion=${text.dropoutProportion} `,
      );
    }
    lines.push(
      "# Component specific to 'projected' LSTM (LSTMP), contains both recurrent",
      '# and non-recurrent projections',
      `component name=${n}.W_rp type=NaturalGradientAffineComponent input-dim=${cell} output-dim=${projected} ` +
        `${config.ngAffineOptions} ${l2}`,
      '###  Nodes for the components above.',
      `component-node name=${n}.W_all component=${n}.W_all ` +
        `input=Append(${input.text}, IfDefined(Offset(${n}.r_trunc, ${delay})))`,
    );
    if (dropout) {
      lines.push(`component-node name=${n}.dropout_mask component=${n}.dropout_mask input=${n}.dropout_mask`);
    }
    lines.push(
      `component-node name=${n}.lstm_nonlin component=${n}.lstm_nonlin ` +
        `input=Append(${n}.W_all, IfDefined(Offset(${n}.c_trunc, ${delay}))${mask})`,
      `dim-range-node name=${n}.c input-node=${n}.lstm_nonlin dim-offset=0 dim=${cell}`,
      `dim-range-node name=${n}.m input-node=${n}.lstm_nonlin dim-offset=${cell} dim=${cell}`,
      `# ${n}.rp is the output node of this layer (if we're not including batchnorm)`,
      `component-node name=${n}.rp component=${n}.W_rp input=${n}.m`,
      `dim-range-node name=${n}.r input-node=${n}.rp dim-offset=0 dim=${recurrent}`,
      "# Note: it's not 100% efficient that we have to stitch the c",
      '# and r back together to truncate them but it probably',
      '# makes the deriv truncation more accurate .',
      `component-node name=${n}.cr_trunc component=${n}.cr_trunc input=Append(${n}.c, ${n}.r)`,
      `dim-range-node name=${n}.c_trunc input-node=${n}.cr_trunc dim-offset=0 dim=${cell}`,
      `dim-range-node name=${n}.r_trunc input-node=${n}.cr_trunc dim-offset=${cell} dim=${recurrent}`,
    );
    if (type === 'fast-lstmp-batchnorm-layer') {
      lines.push(
        `component name=${n}.rp_batchnorm type=BatchNormComponent dim=${projected} `,
        `component-node name=${n}.rp_batchnorm component=${n}.rp_batchnorm input=${n}.rp`,
      );
    }
    return [...lines, `### End LSTM Layer '${n}'`];
  },
});
