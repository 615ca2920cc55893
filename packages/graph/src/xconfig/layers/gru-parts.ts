import { bool, float, text } from '@jebena/options';
import { granularKeys, recurrentKeys } from './recurrence.js';

/** Keys of gated recurrent units. */
export const gruKeys = { ...recurrentKeys, ...granularKeys };
/** Those without a projection have a blank less in one default. */
export const unprojectedGruKeys = {
  ...gruKeys,
  ngPerElementScaleOptions: text(' max-change=0.75', granularKeys.ngPerElementScaleOptions.help),
};
export const gruDropoutKeys = {
  dropoutProportion: float(-1, 'Proportion of the gates that dropout drops; -1 for none'),
  dropoutPerFrame: bool(true, 'Drops whole frames of a gate'),
};

/** Lines that the layers of this family have in common, for the layer `n`. */
export class GruLines {
  constructor(
    readonly n: string,
    private readonly input: { readonly text: string; readonly dim: number },
    private readonly delay: number,
    private readonly affine: string,
    private readonly repair: number,
  ) {}

  /** A component of the layer. */
  readonly component = (part: string, type: string, options: string): string =>
    `component name=${this.n}.${part} type=${type}Component ${options}`;

  /** A node of the layer. */
  readonly node = (part: string, component: string, input: string): string =>
    `component-node name=${this.n}.${part} component=${this.n}.${component} input=${input}`;

  readonly range = (part: string, of: string, offset: number, dim: number): string =>
    `dim-range-node name=${this.n}.${part} input-node=${this.n}.${of} dim-offset=${offset} dim=${dim}`;

  readonly matrix = (part: string, inputDim: number, outputDim: number, further = ''): string =>
    this.component(
      part,
      'NaturalGradientAffine',
      `input-dim=${inputDim} output-dim=${outputDim} ${this.affine}${further}`,
    );

  /** A matrix over the input and what is fed back. */
  readonly recurrentMatrix = (part: string, fedBack: number, outputDim: number, further = ''): string =>
    this.matrix(part, this.input.dim + fedBack, outputDim, further);

  readonly inputMatrix = (part: string, outputDim: number, further = ''): string =>
    this.matrix(part, this.input.dim, outputDim, further);

  readonly nonlinearity = (part: string, type: string, dim: number): string =>
    this.component(part, type, `dim=${dim} self-repair-scale=${this.repair.toFixed(10)}`);

  readonly product = (part: string, dim: number): string =>
    this.component(part, 'ElementwiseProduct', `input-dim=${2 * dim} output-dim=${dim}`);

  /** A node of the layer, one delay earlier. */
  readonly old = (part: string): string => `IfDefined(Offset(${this.n}.${part}, ${this.delay}))`;

  /** The input and what is fed back. */
  readonly withRecurrence = (): string => `Append(${this.input.text}, ${this.old('s_t')})`;

  /** A gate's nonlinearity, with dropout behind it where `dropout` names its component and the node between. */
  readonly gate = (g: string, dropout?: { readonly component: string; readonly between: string }): string[] =>
    dropout
      ? [
          this.node(dropout.between, g, `${this.n}.${g}_t_pre`),
          this.node(`${g}_t`, dropout.component, `${this.n}.${dropout.between}`),
        ]
      : [this.node(`${g}_t`, g, `${this.n}.${g}_t_pre`)];

  /** y_t = (1 - z_t) h_t + z_t y_(t-1), `fedBack` naming the node of the last. */
  readonly mix = (cell: number, fedBack: string): string[] => [
    this.node('y1_t', 'y1', `Append(${this.n}.h_t, Sum(Scale(-1.0,${this.n}.z_t), Const(1.0, ${cell})))`),
    this.node('y2_t', 'y2', `Append(${this.old(fedBack)}, ${this.n}.z_t)`),
    this.node('y_t', 'y', `Sum(${this.n}.y1_t, ${this.n}.y2_t)`),
  ];
}
