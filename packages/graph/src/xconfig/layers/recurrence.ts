import { float, int, text } from '@jebena/options';
import { realText } from '../number-text.js';

/** Keys that every recurrent layer takes. */
export const recurrentKeys = {
  cellDim: int(-1, 'Dimension of the cell'),
  clippingThreshold: float(30, 'Derivatives of a frame are clipped to this norm as they flow back'),
  delay: int(-1, 'Frames from which the recurrence reads; below 0 the past'),
  zeroingInterval: int(20, 'Every so many frames derivatives that are too large are zeroed'),
  zeroingThreshold: float(15, 'Norm above which they are'),
};

export const decayTime = float(-1, 'Frames over which the state decays, so that the past is forgotten; -1 for never');

/** Dimensions of the projection of a projected layer. */
export const projectionKeys = {
  recurrentProjectionDim: int(-1, 'Projected dimensions that are fed back; a quarter of cell-dim where not set'),
  nonRecurrentProjectionDim: int(-1, 'Projected dimensions that are not; as many as are fed back where not set'),
};

/** Keys of layers that are drawn gate by gate. */
export const granularKeys = {
  selfRepairScaleNonlinearity: float(1e-5, 'Scale of the self-repair of the nonlinearities'),
  ngPerElementScaleOptions: text(' max-change=0.75 ', 'Further text for the diagonal matrices'),
  ngAffineOptions: text(' max-change=0.75 ', 'Further text for the affine components'),
};

interface Recurrent {
  readonly cellDim: number;
  readonly delay: number;
}
interface Projected extends Recurrent {
  readonly recurrentProjectionDim: number;
  readonly nonRecurrentProjectionDim: number;
}

/** cell-dim is the input's where not set. */
export const deriveCell = ({ config, input }: { config: Recurrent; input: { dim: number } }): { cellDim?: number } =>
  config.cellDim <= 0 ? { cellDim: input.dim } : {};

/** Projection dims that are not set; Kaldi's script divides in floating point here. */
export function deriveProjection({ config }: { config: Projected }): {
  recurrentProjectionDim: number;
  nonRecurrentProjectionDim: number;
} {
  const recurrent = config.recurrentProjectionDim;
  const nonRecurrent = config.nonRecurrentProjectionDim;
  const recurrentProjectionDim = recurrent > 0 ? recurrent : Math.floor(config.cellDim / 4);
  return {
    recurrentProjectionDim,
    nonRecurrentProjectionDim: nonRecurrent > 0 ? nonRecurrent : recurrentProjectionDim,
  };
}

/** What is wrong with the keys of a recurrent layer. */
export function checkRecurrent(
  config: Recurrent & {
    readonly selfRepairScaleNonlinearity?: number;
    readonly dropoutProportion?: number;
    readonly decayTime?: number;
  },
): string | undefined {
  const { cellDim, delay, selfRepairScaleNonlinearity: repair = 0, dropoutProportion: dropout = -1 } = config;
  if (cellDim <= 0) return 'cell-dim must be given, above 0';
  if (delay === 0) return 'delay must not be 0';
  if (repair < 0 || repair > 1) return `self-repair-scale-nonlinearity=${repair} must lie in 0 to 1`;
  if (dropout !== -1 && (dropout < 0 || dropout > 1)) return `dropout-proportion=${dropout} must lie in 0 to 1`;
  const decay = config.decayTime ?? -1;
  if (decay >= 0 && decay <= Math.abs(delay))
    return `decay-time=${decay} must be above the delay's ${Math.abs(delay)} frames`;
  return undefined;
}

/** The same for a projected one. */
export function checkProjected(config: Projected & Parameters<typeof checkRecurrent>[0]): string | undefined {
  const { recurrentProjectionDim: r, nonRecurrentProjectionDim: n, cellDim } = config;
  const wrong = checkRecurrent(config);
  if (wrong) return wrong;
  if (r <= 0 || n <= 0) return `the projection dims must be above 0, found ${r} and ${n}`;
  return r + n > cellDim ? `the projection dims ${r} and ${n} together are more than cell-dim=${cellDim}` : undefined;
}

interface TruncationTexts {
  readonly clippingThreshold: string;
  readonly zeroingThreshold: string;
  readonly zeroingInterval: string;
}

/** Options of the component that truncates derivatives, and that lets the state decay where `decayTime` is given. */
export function truncation(texts: TruncationTexts, delay: number, decayTime?: number): string {
  const interval = Math.abs(delay);
  const options =
    `clipping-threshold=${texts.clippingThreshold} zeroing-threshold=${texts.zeroingThreshold} ` +
    `zeroing-interval=${texts.zeroingInterval} recurrence-interval=${interval}`;
  if (decayTime === undefined) return options;
  return `${options} scale=${realText(decayTime < 0 ? 1 : 1 - interval / decayTime)}`;
}

/** Options of the diagonal matrices: standard normal at first unless told otherwise. */
export const diagonalOptions = (options: string): string =>
  /param-mean|param-stddev/.test(options) ? options : `${options} param-mean=0.0 param-stddev=1.0 `;

/** `l2-regularize=x ` where it is not 0. */
export const l2Option = (value: number): string => (value === 0 ? '' : `l2-regularize=${realText(value)} `);
