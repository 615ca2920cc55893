import { defineOptions, text } from '@jebena/options';
import { type Layer, defineLayer } from '../layer.js';
import { GruLines, gruDropoutKeys, gruKeys, unprojectedGruKeys } from './gru-parts.js';
import {
  checkProjected,
  checkRecurrent,
  deriveCell,
  deriveProjection,
  projectionKeys,
  truncation,
} from './recurrence.js';

const gruNonlinearityOptions = text(' max-change=0.75', 'Further text for the GRU component');

const linesOf = ({ name, input, config }: Layer<typeof gruKeys>): GruLines =>
  new GruLines(name, input, config.delay, config.ngAffineOptions, config.selfRepairScaleNonlinearity);

/** A GRU whose state is made in one component. */
export const fastGruLayer = defineLayer({
  names: ['fast-gru-layer'],
  summary: 'A GRU in one component.',
  keys: defineOptions({ ...unprojectedGruKeys, gruNonlinearityOptions }),
  derive: deriveCell,
  check: ({ config }) => checkRecurrent(config),
  output: ({ name, config }) => ({ text: `${name}.y_t`, dim: config.cellDim }),
  lines: (layer) => {
    const { input, config, text } = layer;
    const to = linesOf(layer);
    const { n } = to;
    const cell = config.cellDim;
    return [
      `### Begin Gru layer '${n}'`,
      '# Update gate control : W_z* matrices',
      to.recurrentMatrix('W_z.xh', cell, cell),
      '# Reset gate control : W_r* matrices',
      to.recurrentMatrix('W_r.xh', cell, cell),
      '# hpart_t related matrix : W_hpart matrice',
      to.inputMatrix('W_hpart.x', cell),
      '# Defining the non-linearities for z_t and r_t',
      to.nonlinearity('z', 'Sigmoid', cell),
      to.nonlinearity('r', 'Sigmoid', cell),
      '# z_t',
      to.node('z_t_pre', 'W_z.xh', to.withRecurrence()),
      ...to.gate('z'),
      '# r_t',
      to.node('r_t_pre', 'W_r.xh', to.withRecurrence()),
      ...to.gate('r'),
      '# hpart_t',
      to.node('hpart_t', 'W_hpart.x', input.text),
      '# y_t',
      '# Note: the output of GruNonlinearityComponent is (h_t, c_t), we just get the second half. ' +
        'Otherwise, in non-projection gru layer, y_t = c_t',
      to.component('gru_nonlin', 'GruNonlinearity', `cell-dim=${cell} ${config.gruNonlinearityOptions}`),
      to.node('gru_nonlin_t', 'gru_nonlin', `Append(${n}.z_t, ${n}.r_t, ${n}.hpart_t, ${to.old('s_t')})`),
      to.range('y_t', 'gru_nonlin_t', cell, cell),
      '# s_t : recurrence',
      '# Note: in non-projection gru layer, the recurrent part equals the output, namely y_t.',
      to.component('s_r', 'BackpropTruncation', `dim=${cell} ${truncation(text, config.delay)}`),
      to.node('s_t', 's_r', `${n}.y_t`),
    ];
  },
});

const projectedKeys = { ...gruKeys, ...projectionKeys, gruNonlinearityOptions };

/** What tells the projected variants apart. */
interface Variant {
  /** With an output gate o (Cheng et al. 2018) in the place of the reset gate r. */
  readonly outputGate: boolean;
  readonly normalized: boolean;
  readonly dropout?: string | undefined;
}

const projectedOutputs = {
  output: ({ name, config }: Layer<typeof projectedKeys>) => ({
    text: `${name}.y_t`,
    dim: config.recurrentProjectionDim + config.nonRecurrentProjectionDim,
  }),
  auxiliary: ({ name, config }: Layer<typeof projectedKeys>) => ({ c_t: { text: `${name}.c_t`, dim: config.cellDim } }),
};

const plain = (names: string[], summary: string, outputGate: boolean) =>
  defineLayer({
    names,
    summary,
    keys: defineOptions(projectedKeys),
    derive: deriveProjection,
    check: ({ config }) => checkProjected(config),
    ...projectedOutputs,
    lines: (layer) => projectedLines(layer, { outputGate, normalized: false }),
  });

const normalized = (names: string[], summary: string, outputGate: boolean) =>
  defineLayer({
    names,
    summary,
    keys: defineOptions({ ...projectedKeys, ...gruDropoutKeys }),
    derive: deriveProjection,
    check: ({ config }) => checkProjected(config),
    ...projectedOutputs,
    lines: (layer) => {
      const { dropoutProportion, dropoutPerFrame } = layer.config;
      const options = `dropout-proportion=${layer.text.dropoutProportion} dropout-per-frame=${dropoutPerFrame}`;
      const dropout = dropoutProportion === -1 ? undefined : options;
      return projectedLines(layer, { outputGate, normalized: true, dropout });
    },
  });

export const fastPgruLayer = plain(['fast-pgru-layer'], 'A projected GRU in one component.', false);
export const fastNormPgruLayer = normalized(['fast-norm-pgru-layer'], 'The same, normalized.', false);
export const fastOpgruLayer = plain(
  ['fast-opgru-layer'],
  'A projected GRU with an output gate, in one component.',
  true,
);
export const fastNormOpgruLayer = normalized(['fast-norm-opgru-layer'], 'The same, normalized.', true);

function projectedLines(layer: Layer<typeof projectedKeys>, { outputGate, normalized, dropout }: Variant): string[] {
  const { input, config, text } = layer;
  const to = linesOf(layer);
  const { n } = to;
  const { cellDim: cell, recurrentProjectionDim: recurrent } = config;
  const projected = recurrent + config.nonRecurrentProjectionDim;
  // The reset gate scales what is fed back, the output gate the cell.
  const [g, gateDim] = outputGate ? ['o', cell] : ['r', recurrent];
  const gateNodes = (gate: string, dropoutName: string): string[] => [
    to.node(`${gate}_t_pre`, `W_${gate}.xs`, to.withRecurrence()),
    ...to.gate(gate, dropout ? { component: dropoutName, between: `${gate}_t_predrop` } : undefined),
  ];
  const [dropZ, dropG] = outputGate ? ['dropout', 'dropout'] : ['dropout_z', 'dropout_r'];
  return [
    `### Begin Gru layer '${n}'`,
    '# Update gate control : W_z* matrices',
    to.recurrentMatrix('W_z.xs', recurrent, cell),
    `# Reset gate control : W_${g}* matrices`,
    to.recurrentMatrix(`W_${g}.xs`, recurrent, gateDim),
    '# hpart_t related matrix : W_hpart matric',
    to.inputMatrix('W_hpart.x', cell),
    '# Defining the non-linearities',
    to.nonlinearity('z', 'Sigmoid', cell),
    to.nonlinearity(g, 'Sigmoid', gateDim),
    ...(dropout ? ['# Defining the dropout component', to.component(dropZ, 'Dropout', `dim=${cell} ${dropout}`)] : []),
    ...(dropout && !outputGate ? [to.component(dropG, 'Dropout', `dim=${recurrent} ${dropout}`)] : []),
    ...(normalized
      ? ['# z_t', ...gateNodes('z', dropZ), `# ${g}_t`, ...gateNodes(g, dropG)]
      : [`# z_t and ${g}_t`, ...gateNodes('z', dropZ), ...gateNodes(g, dropG)]),
    '# hpart_t',
    to.node('hpart_t', 'W_hpart.x', input.text),
    '# c_t',
    ...(outputGate ? outputGruLines(to, cell, config) : gruLines(to, cell, recurrent, config)),
    ...projection(to, { cell, projected, recurrent, outputGate, normalized, truncate: truncation(text, config.delay) }),
  ];
}

interface Nonlinearity {
  readonly gruNonlinearityOptions: string;
}

const gruLines = (to: GruLines, cell: number, recurrent: number, config: Nonlinearity): string[] => [
  '# Note: the output of GruNonlinearityComponent is (h_t, c_t), we use the second half.',
  to.component(
    'gru_nonlin',
    'GruNonlinearity',
    `cell-dim=${cell} recurrent-dim=${recurrent} ${config.gruNonlinearityOptions}`,
  ),
  to.node(
    'gru_nonlin_t',
    'gru_nonlin',
    `Append(${to.n}.z_t, ${to.n}.r_t, ${to.n}.hpart_t, ${to.old('c_t')}, ${to.old('s_t')})`,
  ),
  to.range('c_t', 'gru_nonlin_t', cell, cell),
];

const outputGruLines = (to: GruLines, cell: number, config: Nonlinearity): string[] => [
  '# Note: the output of OutputGruNonlinearityComponent is (h_t, c_t), we use the second half.',
  to.component('gru_nonlin', 'OutputGruNonlinearity', `cell-dim=${cell} ${config.gruNonlinearityOptions}`),
  to.node('gru_nonlin_t', 'gru_nonlin', `Append(${to.n}.z_t, ${to.n}.hpart_t, ${to.old('c_t')})`),
  to.range('c_t', 'gru_nonlin_t', cell, cell),
];

interface Projection extends Variant {
  readonly cell: number;
  readonly projected: number;
  readonly recurrent: number;
  readonly truncate: string;
}

/** From the cell to the output y_t and to s_t, which is fed back. */
function projection(
  to: GruLines,
  { cell, projected, recurrent, outputGate, normalized, truncate }: Projection,
): string[] {
  const { n } = to;
  const projecting = outputGate ? 'W_y.cdoto' : 'W_y.c';
  const y = normalized ? 'y_t_tmp' : 'y_t';
  const preclip = outputGate && !normalized ? 's_t_preclip' : 's_t_pre';
  return [
    `# the projected matrix ${projecting} and ${y}`,
    ...(outputGate ? [to.product('cdoto', cell), to.node('cdoto', 'cdoto', `Append(${n}.c_t, ${n}.o_t)`)] : []),
    to.matrix(projecting, cell, projected),
    to.node(y, projecting, outputGate ? `${n}.cdoto` : `${n}.c_t`),
    outputGate && !normalized ? '# s_t recurrence' : '# s_t : recurrence',
    ...(normalized ? [to.component('renorm', 'Normalize', `dim=${recurrent} target-rms=1.0`)] : []),
    to.component('s_r', 'BackpropTruncation', `dim=${recurrent} ${truncate}`),
    to.range(preclip, y, 0, recurrent),
    ...(normalized ? [to.node('s_t_renorm', 'renorm', `${n}.${preclip}`)] : []),
    to.node('s_t', 's_r', normalized ? `${n}.s_t_renorm` : `${n}.${preclip}`),
    ...(normalized
      ? [
          '# y_t : output',
          to.component('batchnorm', 'BatchNorm', `dim=${projected} target-rms=1.0`),
          to.node('y_t', 'batchnorm', `${n}.y_t_tmp`),
        ]
      : []),
  ];
}
