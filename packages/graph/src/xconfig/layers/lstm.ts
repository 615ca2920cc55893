import { bool, defineOptions, float, text } from '@jebena/options';
import { defineLayer } from '../layer.js';
import {
  checkProjected,
  checkRecurrent,
  decayTime,
  deriveCell,
  deriveProjection,
  diagonalOptions,
  granularKeys,
  l2Option,
  projectionKeys,
  recurrentKeys,
  truncation,
} from './recurrence.js';

const shared = {
  ...recurrentKeys,
  ...granularKeys,
  l2Regularize: float(0, 'Weight of l2 regularization'),
  decayTime,
};

/** An LSTM drawn gate by gate. */
export const lstmLayer = defineLayer({
  names: ['lstm-layer'],
  summary: 'An LSTM with a node for each gate.',
  keys: defineOptions({
    ...shared,
    ngPerElementScaleOptions: text(' max-change=0.75', granularKeys.ngPerElementScaleOptions.help),
  }),
  derive: deriveCell,
  check: ({ config }) => checkRecurrent(config),
  output: ({ name, config }) => ({ text: `${name}.m_t`, dim: config.cellDim }),
  auxiliary: ({ name, config }) => ({ c_t: { text: `${name}.c_t`, dim: config.cellDim } }),
  lines: ({ name: n, input, config, text }) => {
    const truncate = truncation(text, config.delay, config.decayTime);
    return [
      `### Begin LSTM layer '${n}'`,
      ...gates({
        name: n,
        input,
        cell: config.cellDim,
        fedBack: config.cellDim,
        delay: config.delay,
        affine: `${config.ngAffineOptions} ${l2Option(config.l2Regularize)}`,
        diagonal: `${diagonalOptions(config.ngPerElementScaleOptions)} ${l2Option(config.l2Regularize)}`,
        // Blanks that Kaldi's script leaves: after w_i.c, before the dim of w_o.c.
        blanks: { i: [' ', ' '], f: [' ', ''], o: ['  ', ''] },
        repair: repairOf(config.selfRepairScaleNonlinearity),
        truncate,
      }),
      `component name=${n}.r type=BackpropTruncationComponent dim=${config.cellDim} ${truncate}`,
      `component-node name=${n}.r_t component=${n}.r input=${n}.m_t`,
      `### End LSTM layer '${n}'`,
    ];
  },
});

/** The same with a projection (Sak et al. 2014), part of which is fed back. */
export const lstmpLayer = defineLayer({
  names: ['lstmp-layer', 'lstmp-batchnorm-layer'],
  summary: 'A projected LSTM with a node for each gate.',
  keys: defineOptions({
    ...shared,
    ...projectionKeys,
    dropoutProportion: float(-1, 'Proportion of the gates that dropout drops; -1 for none'),
    dropoutPerFrame: bool(false, 'Drops whole frames of a gate'),
  }),
  derive: deriveProjection,
  check: ({ config }) => checkProjected(config),
  output: ({ name, type, config }) => ({
    text: `${name}.${type === 'lstmp-batchnorm-layer' ? 'rp_t_batchnorm' : 'rp_t'}`,
    dim: config.recurrentProjectionDim + config.nonRecurrentProjectionDim,
  }),
  auxiliary: ({ name, config }) => ({ c_t: { text: `${name}.c_t`, dim: config.cellDim } }),
  lines: ({ name: n, type, input, config, text }) => {
    const truncate = truncation(text, config.delay, config.decayTime);
    const l2 = l2Option(config.l2Regularize);
    const recurrent = config.recurrentProjectionDim;
    const projected = recurrent + config.nonRecurrentProjectionDim;
    const lines = [
      ...gates({
        name: n,
        input,
        cell: config.cellDim,
        fedBack: recurrent,
        delay: config.delay,
        affine: `${config.ngAffineOptions} ${l2}`,
        diagonal: `${diagonalOptions(config.ngPerElementScaleOptions)} ${l2}`,
        blanks: { i: [' ', ''], f: ['  ', ''], o: [' ', ''] },
        repair: repairOf(config.selfRepairScaleNonlinearity),
        truncate,
        ...(config.dropoutProportion !== -1 && {
          dropout: `dropout-proportion=${text.dropoutProportion} dropout-per-frame=${config.dropoutPerFrame}`,
        }),
      }),
      '# projection matrices : Wrm and Wpm',
      `component name=${n}.W_rp.m type=NaturalGradientAffineComponent input-dim=${config.cellDim} ` +
        `output-dim=${projected} ${config.ngAffineOptions} ${l2}`,
      `component name=${n}.r type=BackpropTruncationComponent dim=${recurrent} ${truncate}`,
      "# r_t and p_t : rp_t will be the output (if we're not doing batchnorm)",
      `component-node name=${n}.rp_t component=${n}.W_rp.m input=${n}.m_t`,
      `dim-range-node name=${n}.r_t_preclip input-node=${n}.rp_t dim-offset=0 dim=${recurrent}`,
      `component-node name=${n}.r_t component=${n}.r input=${n}.r_t_preclip`,
    ];
    if (type === 'lstmp-batchnorm-layer') {
      lines.push(
        `component name=${n}.rp_t_batchnorm type=BatchNormComponent dim=${projected} `,
        `component-node name=${n}.rp_t_batchnorm component=${n}.rp_t_batchnorm input=${n}.rp_t`,
      );
    }
    return lines;
  },
});

const repairOf = (scale: number): string => `self-repair-scale=${scale.toFixed(10)}`;

interface Gates {
  readonly name: string;
  readonly input: { readonly text: string; readonly dim: number };
  readonly cell: number;
  /** Dimension of what is fed back to the gates. */
  readonly fedBack: number;
  readonly delay: number;
  readonly affine: string;
  readonly diagonal: string;
  /** Blanks before `dim=` and at the end of the diagonal matrices. */
  readonly blanks: Readonly<Record<'i' | 'f' | 'o', readonly [before: string, after: string]>>;
  readonly repair: string;
  readonly truncate: string;
  /** Options of the dropout on the gates, where there is one. */
  readonly dropout?: string;
}

/** Everything from the gates to m_t = o_t tanh(c_t). */
function gates({ name: n, input, cell, fedBack, delay, affine, diagonal, blanks, repair, truncate, dropout }: Gates) {
  const oldCell = `IfDefined(Offset(${n}.c_t, ${delay}))`;
  const withRecurrence = `Append(${input.text}, IfDefined(Offset(${n}.r_t, ${delay})))`;
  const matrix = (gate: string): string =>
    `component name=${n}.W_${gate}.xr type=NaturalGradientAffineComponent input-dim=${input.dim + fedBack} ` +
    `output-dim=${cell} ${affine}`;
  const peephole = (gate: 'i' | 'f' | 'o'): string[] => [
    '# note : the cell outputs pass through a diagonal matrix',
    `component name=${n}.w_${gate}.c type=NaturalGradientPerElementScaleComponent${blanks[gate][0]}dim=${cell} ` +
      `${diagonal}${blanks[gate][1]}`,
  ];
  const nonlinearity = (part: string, type: string): string =>
    `component name=${n}.${part} type=${type}Component dim=${cell} ${repair}`;
  const product = (part: string): string =>
    `component name=${n}.${part} type=ElementwiseProductComponent input-dim=${2 * cell} output-dim=${cell}`;
  const gate = (g: string, cellNode: string, blank: string): string[] => [
    `# ${g}_t`,
    `component-node name=${n}.${g}1_t component=${n}.W_${g}.xr input=${withRecurrence}`,
    `component-node name=${n}.${g}2_t component=${n}.w_${g}.c ${blank}input=${cellNode}`,
    ...(dropout
      ? [
          `component-node name=${n}.${g}_t_predrop component=${n}.${g} input=Sum(${n}.${g}1_t, ${n}.${g}2_t)`,
          `component-node name=${n}.${g}_t component=${n}.dropout input=${n}.${g}_t_predrop`,
        ]
      : [`component-node name=${n}.${g}_t component=${n}.${g} input=Sum(${n}.${g}1_t, ${n}.${g}2_t)`]),
  ];
  return [
    '# Input gate control : W_i* matrices',
    matrix('i'),
    ...peephole('i'),
    '# Forget gate control : W_f* matrices',
    matrix('f'),
    ...peephole('f'),
    '#  Output gate control : W_o* matrices',
    matrix('o'),
    ...peephole('o'),
    '# Cell input matrices : W_c* matrices',
    matrix('c'),
    '# Defining the non-linearities',
    nonlinearity('i', 'Sigmoid'),
    nonlinearity('f', 'Sigmoid'),
    nonlinearity('o', 'Sigmoid'),
    nonlinearity('g', 'Tanh'),
    nonlinearity('h', 'Tanh'),
    ...(dropout ? [`component name=${n}.dropout type=DropoutComponent dim=${cell} ${dropout}`] : []),
    '# Defining the components for other cell computations',
    product('c1'),
    product('c2'),
    product('m'),
    `component name=${n}.c type=BackpropTruncationComponent dim=${cell} ${truncate}`,
    `component-node name=${n}.c_t component=${n}.c input=Sum(${n}.c1_t, ${n}.c2_t)`,
    ...gate('i', oldCell, ' '),
    ...gate('f', oldCell, ' '),
    ...gate('o', `${n}.c_t`, ''),
    '# h_t',
    `component-node name=${n}.h_t component=${n}.h input=${n}.c_t`,
    '# g_t',
    `component-node name=${n}.g1_t component=${n}.W_c.xr input=${withRecurrence}`,
    `component-node name=${n}.g_t component=${n}.g input=${n}.g1_t`,
    '# parts of c_t',
    `component-node name=${n}.c1_t component=${n}.c1  input=Append(${n}.f_t, ${oldCell})`,
    `component-node name=${n}.c2_t component=${n}.c2 input=Append(${n}.i_t, ${n}.g_t)`,
    '# m_t',
    `component-node name=${n}.m_t component=${n}.m input=Append(${n}.o_t, ${n}.h_t)`,
  ];
}
