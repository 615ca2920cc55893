import { defineOptions, float } from '@jebena/options';
import { type Layer, defineLayer } from '../layer.js';
import { GruLines, gruDropoutKeys, gruKeys, unprojectedGruKeys } from './gru-parts.js';
import {
  checkProjected,
  checkRecurrent,
  deriveCell,
  deriveProjection,
  diagonalOptions,
  l2Option,
  projectionKeys,
  truncation,
} from './recurrence.js';

const linesOf = ({ name, input, config }: Layer<typeof gruKeys>): GruLines =>
  new GruLines(name, input, config.delay, config.ngAffineOptions, config.selfRepairScaleNonlinearity);

const complement = '# The following two lines are to implement (1 - z_t)';

/** A GRU (Cho et al. 2014) drawn gate by gate. */
export const gruLayer = defineLayer({
  names: ['gru-layer'],
  summary: 'A GRU with a node for each gate.',
  keys: defineOptions(unprojectedGruKeys),
  derive: deriveCell,
  check: ({ config }) => checkRecurrent(config),
  output: ({ name, config }) => ({ text: `${name}.s_t`, dim: config.cellDim }),
  lines: (layer) => {
    const { input, config, text } = layer;
    const to = linesOf(layer);
    const { n } = to;
    const cell = config.cellDim;
    return [
      '# Update gate control : W_z* matrics',
      to.recurrentMatrix('W_z.xs_z', cell, cell),
      '# Reset gate control : W_r* matrics',
      to.recurrentMatrix('W_z.xs_r', cell, cell),
      '# h related matrix : W_h* matrics',
      to.recurrentMatrix('W_h.UW', cell, cell),
      '# Defining the non-linearities',
      to.nonlinearity('z', 'Sigmoid', cell),
      to.nonlinearity('r', 'Sigmoid', cell),
      to.nonlinearity('h', 'Tanh', cell),
      '# Defining the components for other cell computations',
      to.product('h1', cell),
      to.product('y1', cell),
      to.product('y2', cell),
      to.component('y', 'NoOp', `dim=${cell}`),
      '# z_t',
      to.node('z_t_pre', 'W_z.xs_z', to.withRecurrence()),
      ...to.gate('z'),
      '# r_t',
      to.node('r_t_pre', 'W_z.xs_r', to.withRecurrence()),
      ...to.gate('r'),
      '# h_t',
      to.node('h1_t', 'h1', `Append(${n}.r_t, ${to.old('s_t')})`),
      to.node('h_t_pre', 'W_h.UW', `Append(${input.text}, ${n}.h1_t)`),
      to.node('h_t', 'h', `${n}.h_t_pre`),
      '# y_t',
      complement,
      ...to.mix(cell, 's_t'),
      '# s_t : recurrence',
      to.component('s_r', 'BackpropTruncation', `dim=${cell} ${truncation(text, config.delay)}`),
      '# s_t will be output and recurrence',
      to.node('s_t', 's_r', `${n}.y_t`),
    ];
  },
});

const projectedKeys = { ...gruKeys, ...projectionKeys };
type Projected = Pick<Layer<typeof projectedKeys>, 'name' | 'config'>;
const projectedUnit = {
  derive: deriveProjection,
  check: ({ config }: Projected) => checkProjected(config),
  output: ({ name, config }: Projected) => ({
    text: `${name}.sn_t`,
    dim: config.recurrentProjectionDim + config.nonRecurrentProjectionDim,
  }),
  auxiliary: ({ name, config }: Projected) => ({ h_t: { text: `${name}.h_t`, dim: config.cellDim } }),
};

/** A GRU with a projection, part of which is fed back, with or without normalization and dropout. */
export const pgruLayer = defineLayer({
  names: ['pgru-layer'],
  summary: 'A projected GRU with a node for each gate.',
  keys: defineOptions(projectedKeys),
  ...projectedUnit,
  lines: (layer) => pgruLines(layer, false),
});

export const normPgruLayer = defineLayer({
  names: ['norm-pgru-layer'],
  summary: 'A projected GRU with a node for each gate, normalized.',
  keys: defineOptions({ ...projectedKeys, ...gruDropoutKeys }),
  ...projectedUnit,
  lines: (layer) => {
    const { dropoutProportion, dropoutPerFrame } = layer.config;
    const options = `dropout-proportion=${layer.text.dropoutProportion} dropout-per-frame=${dropoutPerFrame}`;
    return pgruLines(layer, true, dropoutProportion === -1 ? undefined : options);
  },
});

function pgruLines(layer: Layer<typeof projectedKeys>, normalized: boolean, dropout?: string): string[] {
  const { input, config } = layer;
  const to = linesOf(layer);
  const { n } = to;
  const { cellDim: cell, recurrentProjectionDim: recurrent } = config;
  const drop = (g: string) => (dropout ? { component: `dropout_${g}`, between: `${g}_predrop_t` } : undefined);
  return [
    '# Update gate control : W_z* matrics',
    to.recurrentMatrix('W_z.xs_z', recurrent, cell),
    '# Reset gate control : W_r* matrics',
    to.recurrentMatrix('W_z.xs_r', recurrent, recurrent),
    '# h related matrix : W_h* matrics',
    to.recurrentMatrix('W_h.UW', recurrent, cell),
    ...(dropout
      ? [
          to.component('dropout_z', 'Dropout', `dim=${cell} ${dropout}`),
          to.component('dropout_r', 'Dropout', `dim=${recurrent} ${dropout}`),
        ]
      : []),
    '# Defining the non-linearities',
    to.nonlinearity('z', 'Sigmoid', cell),
    to.nonlinearity('r', 'Sigmoid', recurrent),
    to.nonlinearity('h', 'Tanh', cell),
    '# Defining the components for other cell computations',
    to.product('h1', recurrent),
    to.product('y1', cell),
    to.product('y2', cell),
    to.component('y', 'NoOp', `dim=${cell}`),
    '# z_t',
    to.node('z_t_pre', 'W_z.xs_z', to.withRecurrence()),
    ...to.gate('z', drop('z')),
    '# r_t',
    to.node('r_t_pre', 'W_z.xs_r', to.withRecurrence()),
    ...to.gate('r', drop('r')),
    '# h_t',
    to.node('h1_t', 'h1', `Append(${n}.r_t, ${to.old('s_t')})`),
    to.node('h_t_pre', 'W_h.UW', `Append(${input.text}, ${n}.h1_t)`),
    to.node('h_t', 'h', `${n}.h_t_pre`),
    ...to.mix(cell, 'y_t'),
    ...projection(layer, to, normalized),
    ...(normalized
      ? [
          to.node('sn_nobatchnorm_t', 'W_s.ys', `${n}.y_t`),
          to.range('s_t_preclip', 'sn_nobatchnorm_t', 0, recurrent),
          to.node('sn_t', 'batchnorm', `${n}.sn_nobatchnorm_t`),
          to.node('s_renorm_t', 'renorm', `${n}.s_t_preclip`),
          to.node('s_t', 's_r', `${n}.s_renorm_t`),
        ]
      : splitProjection(to, 'y_t', recurrent)),
  ];
}

/** The components of the projection and of what is fed back of it. */
function projection(
  { config, text }: Layer<typeof projectedKeys>,
  to: GruLines,
  normalized: boolean,
  further = '',
): string[] {
  const { cellDim: cell, recurrentProjectionDim: recurrent } = config;
  const projected = recurrent + config.nonRecurrentProjectionDim;
  return [
    '# s_t recurrent',
    to.matrix('W_s.ys', cell, projected, further),
    to.component('s_r', 'BackpropTruncation', `dim=${recurrent} ${truncation(text, config.delay)}`),
    ...(normalized
      ? [
          to.component('batchnorm', 'BatchNorm', `dim=${projected} target-rms=1.0`),
          to.component('renorm', 'Normalize', `dim=${recurrent} target-rms=1.0`),
        ]
      : []),
    '# s_t and n_t : sn_t will be the output',
  ];
}

/** The projection of the node `of`, and the part of it that is fed back. */
const splitProjection = (to: GruLines, of: string, recurrent: number): string[] => [
  to.node('sn_t', 'W_s.ys', `${to.n}.${of}`),
  to.range('s_t_preclip', 'sn_t', 0, recurrent),
  to.node('s_t', 's_r', `${to.n}.s_t_preclip`),
];

/** A projected GRU with an output gate in the place of the reset gate (Cheng et al. 2018). */
export const opgruLayer = defineLayer({
  names: ['opgru-layer'],
  summary: 'A projected GRU with an output gate and a node for each gate.',
  keys: defineOptions(projectedKeys),
  ...projectedUnit,
  lines: (layer) => opgruLines(layer, '', false),
});

export const normOpgruLayer = defineLayer({
  names: ['norm-opgru-layer'],
  summary: 'A projected GRU with an output gate and a node for each gate, normalized.',
  keys: defineOptions({ ...projectedKeys, ...gruDropoutKeys, l2Regularize: float(0, 'Weight of l2 regularization') }),
  ...projectedUnit,
  lines: (layer) => {
    const { dropoutProportion, dropoutPerFrame, l2Regularize } = layer.config;
    const options = `dropout-proportion=${layer.text.dropoutProportion} dropout-per-frame=${dropoutPerFrame}`;
    return opgruLines(layer, ` ${l2Option(l2Regularize)}`, true, dropoutProportion === -1 ? undefined : options);
  },
});

function opgruLines(layer: Layer<typeof projectedKeys>, l2: string, normalized: boolean, dropout?: string): string[] {
  const { input, config } = layer;
  const to = linesOf(layer);
  const { n } = to;
  const { cellDim: cell, recurrentProjectionDim: recurrent } = config;
  const drop = (g: string) => (dropout ? { component: 'dropout', between: `${g}_predrop_t` } : undefined);
  return [
    '# Update gate control : W_z* matrics',
    to.recurrentMatrix('W_z.xs_z', recurrent, cell, l2),
    '# Output gate control : W_r* matrics',
    to.recurrentMatrix('W_z.xs_o', recurrent, cell, l2),
    '# h related matrix : W_h* matrics',
    to.inputMatrix('W_h.UW', cell, l2),
    to.component(
      'W_h.UW_elementwise',
      'NaturalGradientPerElementScale',
      `dim=${cell} ${diagonalOptions(config.ngPerElementScaleOptions)}`,
    ),
    '# Defining the non-linearities',
    to.nonlinearity('z', 'Sigmoid', cell),
    to.nonlinearity('o', 'Sigmoid', cell),
    to.nonlinearity('h', 'Tanh', cell),
    '# Defining the components for other cell computations',
    to.product('o1', cell),
    to.product('y1', cell),
    to.product('y2', cell),
    to.component('y', 'NoOp', `dim=${cell}`),
    ...(dropout ? [to.component('dropout', 'Dropout', `dim=${cell} ${dropout}`)] : []),
    '# z_t',
    to.node('z_t_pre', 'W_z.xs_z', to.withRecurrence()),
    ...to.gate('z', drop('z')),
    '# o_t',
    to.node('o_t_pre', 'W_z.xs_o', to.withRecurrence()),
    ...to.gate('o', drop('o')),
    '# h_t',
    to.node('h_t_pre', 'W_h.UW', input.text),
    to.node('h_t_pre2', 'W_h.UW_elementwise', to.old('y_t')),
    to.node('h_t', 'h', `Sum(${n}.h_t_pre, ${n}.h_t_pre2)`),
    ...(normalized ? [complement] : []),
    ...to.mix(cell, 'y_t'),
    to.node('y_o_t', 'o1', `Append(${n}.o_t, ${n}.y_t)`),
    ...projection(layer, to, normalized, l2),
    ...(normalized
      ? [
          to.node('sn_nobatchnorm_t', 'W_s.ys', `${n}.y_o_t`),
          to.node('sn_t', 'batchnorm', `${n}.sn_nobatchnorm_t`),
          to.range('s_t_preclip', 'sn_nobatchnorm_t', 0, recurrent),
          to.node('s_t_preclip_renorm', 'renorm', `${n}.s_t_preclip`),
          to.node('s_t', 's_r', `${n}.s_t_preclip_renorm`),
        ]
      : splitProjection(to, 'y_o_t', recurrent)),
  ];
}
