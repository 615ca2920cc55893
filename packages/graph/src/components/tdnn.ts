import type { Engine, Tensor } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  dimError,
  type Propagated,
  rowMatrix,
  type Start,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import { extraOf, type Index, shift, timeOf } from '../indexes.js';
import { mapRows, positionsOf, type RowMap, rowMap } from '../row-map.js';
import type { NaturalGradientSettings } from '../trainable.js';

/** y_t = sum_i W_i x_(t + o_i) + b: an affine over frames at fixed offsets, all of which must be there. */
export class TdnnComponent extends UpdatableComponent {
  static override readonly type: string = 'TdnnComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<TimeOffsets>', 'ints', 'timeOffsets'),
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    field('<OrthonormalConstraint>', 'float', 'orthonormalConstraint', { optional: true, when: () => true }),
    field('<UseNaturalGradient>', 'bool', 'useNaturalGradient'),
    field('<NumSamplesHistory>', 'float', 'numSamplesHistory'),
    field('<AlphaInOut>', 'float', ['alphaIn', 'alphaOut']),
    field('<RankInOut>', 'int', ['rankIn', 'rankOut']),
  ];
  timeOffsets: Int32Array = new Int32Array(0);
  linear: Matrix = matrix(0, 0);
  /** Empty where there is no bias. */
  bias: Float32Array = new Float32Array(0);
  orthonormalConstraint = 0;
  useNaturalGradient = true;
  numSamplesHistory = 2000;
  alphaIn = 4;
  alphaOut = 4;
  rankIn = 20;
  rankOut = 80;
  override readonly simple = false;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols / Math.max(1, this.timeOffsets.length);
  }
  get outputDim(): number {
    return this.linear.rows;
  }
  override get orthonormal(): number {
    return this.orthonormalConstraint;
  }

  configure({ config, random }: Start): void {
    this.configureLearning(config);
    const offsets = config.ints('time-offsets');
    if (new Set(offsets).size !== offsets.length || offsets.length === 0)
      config.fail(`expected time-offsets that differ, found ${offsets.join(',')}`);
    this.timeOffsets = Int32Array.from(offsets);
    const cols = config.positive('input-dim') * offsets.length;
    const rows = config.positive('output-dim');
    this.linear = matrix(rows, cols, random.normals(rows * cols, 0, config.float('param-stddev', 1 / Math.sqrt(cols))));
    this.orthonormalConstraint = config.float('orthonormal-constraint', 0);
    const biasMean = config.float('bias-mean', 0);
    const biasStddev = config.float('bias-stddev', 1);
    if (config.bool('use-bias', true)) this.bias = random.normals(rows, biasMean, biasStddev);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    this.rankIn = config.int('rank-in', Math.min(20, (cols + 1) >> 1));
    this.rankOut = config.int('rank-out', Math.min(80, (rows + 1) >> 1));
    this.alphaIn = config.float('alpha-in', 4);
    this.alphaOut = config.float('alpha-out', 4);
    this.numSamplesHistory = config.float('num-samples-history', 2000);
  }

  override check(): void {
    const { timeOffsets, linear, bias } = this;
    if (timeOffsets.length === 0 || linear.cols % timeOffsets.length)
      dimError(`${this.type}, columns`, `a multiple of ${timeOffsets.length} offsets`, linear.cols);
    if (bias.length !== 0 && bias.length !== linear.rows) dimError(`${this.type}, bias`, linear.rows, bias.length);
  }

  override inputIndexes(output: Index): readonly Index[] {
    return Array.from(this.timeOffsets, (o) => shift(output, o));
  }

  parameters(): Record<string, Matrix> {
    return this.bias.length ? { linear: this.linear, bias: rowMatrix(this.bias) } : { linear: this.linear };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }

  override get naturalGradient(): NaturalGradientSettings | undefined {
    if (!this.useNaturalGradient) return undefined;
    const { rankIn, rankOut, numSamplesHistory, alphaIn, alphaOut } = this;
    return { rankIn, rankOut, updatePeriod: 4, numSamplesHistory, alphaIn, alphaOut };
  }

  private maps({ rows: { inputs, outputs }, prepared }: Call): Maps {
    const map = (to: readonly Index[], from: readonly Index[], by: number): RowMap =>
      rowMap(
        positionsOf(
          to.map((i) => shift(i, by)),
          from,
        ),
        from.length,
      );
    return prepared(() => {
      const even = evenTimes(outputs);
      return {
        forward: Array.from(this.timeOffsets, (o) => map(outputs, inputs, o)),
        back: Array.from(this.timeOffsets, (o) => map(inputs, outputs, -o)),
        even: even && {
          forward: Array.from(this.timeOffsets, (o) => map(even, inputs, o)),
          outputs: map(even, outputs, 0),
        },
      };
    });
  }

  private picked(call: Call, x: Tensor, map: RowMap): Tensor {
    return mapRows(call.engine, x, map, (rows) => call.rowIndex(rows, () => rows));
  }

  /** The frames at all offsets side by side. */
  private spliced(call: Call, x: Tensor): Tensor {
    const maps = this.maps(call).forward;
    if (maps.length === 1) return this.picked(call, x, maps[0]!);
    return call.engine.concatCols(maps.map((map) => this.picked(call, x, map)));
  }

  /** W_i, the columns for offset i. */
  private block({ engine, tensors, derived }: Call, i: number): Tensor {
    return derived(`block${i}`, () => engine.sliceCols(tensors['linear']!, i * this.inputDim, this.inputDim));
  }

  override get canRectify(): boolean {
    return this.sideBySide;
  }

  /** Side by side costs a copy of the input, one product an offset costs sums of the output: the smaller is taken. */
  private get sideBySide(): boolean {
    const many = this.timeOffsets.length;
    return many === 1 || 2 * many * this.inputDim <= 3 * (many - 1) * this.outputDim;
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors, rectify } = call;
    const maps = this.maps(call).forward;
    const many = maps.length;
    if (this.sideBySide) {
      const spliced = this.spliced(call, x);
      const { linear, bias } = tensors as { linear: Tensor; bias: Tensor | undefined };
      return { y: rectify ? engine.affineRelu(spliced, linear, bias) : engine.affine(spliced, linear, bias) };
    }
    let y = engine.affine(this.picked(call, x, maps[0]!), this.block(call, 0), tensors['bias']);
    for (let i = 1; i < many; i++)
      y = engine.intoAddMatmul(y, this.picked(call, x, maps[i]!), this.block(call, i), { transposeB: true });
    return { y };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const bias = this.bias.length ? 'bias' : undefined;
    const { even } = this.maps(call);
    // The frames of each offset as they lie: put side by side they would have to be written out.
    const { forward, outputs } = even ?? { forward: this.maps(call).forward, outputs: undefined };
    sink?.affine(
      'linear',
      bias,
      forward.map((map) => this.picked(call, x, map)),
      outputs ? this.picked(call, dy, outputs) : dy,
    );
    return wanted ? this.inputDerivative(engine, call, dy, tensors['linear']!) : undefined;
  }

  private inputDerivative(engine: Engine, call: Call, dy: Tensor, linear: Tensor): Tensor {
    const { forward, back } = this.maps(call);
    if (forward.length === 1 && forward[0]!.kind === 'identity') return engine.matmul(dy, linear);
    // The narrower side is the one to shift about.
    const narrow = this.outputDim <= this.inputDim;
    const part = (map: RowMap, i: number): Tensor =>
      narrow
        ? engine.matmul(this.picked(call, dy, map), this.block(call, i))
        : this.picked(call, engine.matmul(dy, this.block(call, i)), map);
    let sum = part(back[0]!, 0);
    for (let i = 1; i < back.length; i++)
      sum = narrow
        ? engine.intoAddMatmul(sum, this.picked(call, dy, back[i]!), this.block(call, i))
        : engine.intoAddScaled(sum, part(back[i]!, i), 1);
    return sum;
  }
}

/** For each offset: the input frame of each output frame, and the output frame that each input frame went into. */
interface Maps {
  readonly forward: RowMap[];
  readonly back: RowMap[];
  /**
   * Where outputs are wanted at uneven times: maps to even ones, with frames in between whose derivative is 0. The
   * gradient is the same, but natural gradient looks at the inputs of all of them, as Kaldi's does.
   */
  readonly even: { readonly forward: RowMap[]; readonly outputs: RowMap } | undefined;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** All times from the first to the last by the largest step that meets every one; undefined where none is added. */
function evenTimes(outputs: readonly Index[]): Index[] | undefined {
  const times = outputs.map(timeOf);
  const first = Math.min(...times);
  const step = times.reduce((divisor, t) => gcd(divisor, t - first), 0);
  const count = step === 0 ? 1 : 1 + (Math.max(...times) - first) / step;
  if (count <= outputs.length || outputs.some(extraOf)) return undefined;
  return Array.from({ length: count }, (_, i) => shift(outputs[0]!, first + i * step - times[0]!));
}
