import type { RowIndex, Tensor } from '@jebena/engine';
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
import { type Field, field, mark } from '../fields.js';
import { type Index, shift } from '../indexes.js';
import { positionsOf } from '../row-map.js';
import type { Patches } from '../gradient-sink.js';
import type { NaturalGradientSettings } from '../trainable.js';

/**
 * Convolution over time and height (frequency). A row holds heightIn groups of numFiltersIn values; each output
 * height h reads the input heights h * heightSubsampleOut + dh at times t + dt. What is outside in height, and in
 * time where it is not required, counts as zero.
 */
export class TimeHeightConvolutionComponent extends UpdatableComponent {
  static override readonly type: string = 'TimeHeightConvolutionComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    mark('<Model>'),
    mark('<ConvolutionModel>'),
    field('<NumFiltersIn>', 'int', 'numFiltersIn'),
    field('<NumFiltersOut>', 'int', 'numFiltersOut'),
    field('<HeightIn>', 'int', 'heightIn'),
    field('<HeightOut>', 'int', 'heightOut'),
    field('<HeightSubsampleOut>', 'int', 'heightSubsampleOut'),
    field('<Offsets>', 'pairs', 'offsets'),
    field('<RequiredTimeOffsets>', 'ints', 'requiredTimeOffsets'),
    mark('</ConvolutionModel>'),
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    field('<MaxMemoryMb>', 'float', 'maxMemoryMb'),
    field('<UseNaturalGradient>', 'bool', 'useNaturalGradient'),
    field('<NumMinibatchesHistory>', 'float', 'numMinibatchesHistory', { optional: true, when: () => true }),
    field('<AlphaInOut>', 'float', ['alphaIn', 'alphaOut']),
    field('<RankInOut>', 'int', ['rankIn', 'rankOut']),
  ];
  numFiltersIn = 1;
  numFiltersOut = 1;
  heightIn = 1;
  heightOut = 1;
  heightSubsampleOut = 1;
  /** Pairs (dt, dh), sorted; flat. */
  offsets: Int32Array = new Int32Array(0);
  requiredTimeOffsets: Int32Array = new Int32Array(0);
  /** numFiltersOut x (offsets * numFiltersIn) */
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  maxMemoryMb = 200;
  useNaturalGradient = true;
  numMinibatchesHistory = 4;
  alphaIn = 4;
  alphaOut = 4;
  rankIn = 80;
  rankOut = 80;
  override readonly simple = false;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.heightIn * this.numFiltersIn;
  }
  get outputDim(): number {
    return this.heightOut * this.numFiltersOut;
  }

  configure({ config, random }: Start): void {
    this.configureLearning(config);
    this.numFiltersIn = config.positive('num-filters-in');
    this.numFiltersOut = config.positive('num-filters-out');
    this.heightIn = config.positive('height-in');
    this.heightOut = config.positive('height-out');
    this.heightSubsampleOut = config.positive('height-subsample-out', 1);
    let pairs: number[][];
    if (config.has('offsets')) {
      pairs = config
        .string('offsets')
        .split(';')
        .map((pair) => pair.split(',').map(Number));
      if (pairs.some((p) => p.length !== 2 || !p.every(Number.isInteger)))
        config.fail(`expected offsets=t,h;t,h;..., found '${config.string('offsets')}'`);
    } else {
      const heights = config.ints('height-offsets');
      pairs = config.ints('time-offsets').flatMap((t) => heights.map((h) => [t, h]));
    }
    pairs.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
    this.offsets = Int32Array.from(pairs.flat());
    const times = this.timeOffsets;
    this.requiredTimeOffsets = Int32Array.from(config.ints('required-time-offsets', times)).sort();
    const cols = this.numFiltersIn * pairs.length;
    const rows = this.numFiltersOut;
    const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
    const biasStddev = config.float('bias-stddev', 0);
    this.bias = random.normals(rows, 0, biasStddev);
    if (config.bool('init-unit', false)) this.linear = this.unit(rows, cols, pairs, (m) => config.fail(m));
    else this.linear = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
    this.maxMemoryMb = config.float('max-memory-mb', 200);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    this.numMinibatchesHistory = config.float('num-minibatches-history', 4);
    this.alphaIn = config.float('alpha-in', 4);
    this.alphaOut = config.float('alpha-out', 4);
    this.rankIn = config.int('rank-in', Math.min(80, (cols + 2) >> 1));
    this.rankOut = config.int('rank-out', Math.min(80, (rows + 1) >> 1));
  }

  /** The identity at offset (0, 0). */
  private unit(rows: number, cols: number, pairs: number[][], fail: (message: string) => never): Matrix {
    const at = pairs.findIndex(([t, h]) => t === 0 && h === 0);
    if (at < 0 || this.numFiltersIn !== this.numFiltersOut)
      fail('expected an offset 0,0 and as many filters in as out with init-unit=true, found otherwise');
    const linear = matrix(rows, cols);
    for (let i = 0; i < rows; i++) linear.data[i * cols + at * this.numFiltersIn + i] = 1;
    return linear;
  }

  override check(): void {
    const expected = (this.numFiltersIn * this.offsets.length) / 2;
    if (this.linear.cols !== expected) dimError(`${this.type}, columns`, expected, this.linear.cols);
    if (this.linear.rows !== this.numFiltersOut) dimError(`${this.type}, rows`, this.numFiltersOut, this.linear.rows);
    if (this.bias.length !== this.linear.rows) dimError(`${this.type}, bias`, this.linear.rows, this.bias.length);
  }

  get timeOffsets(): number[] {
    return [...new Set(this.offsets.filter((_, i) => i % 2 === 0))];
  }

  override inputIndexes(output: Index): readonly Index[] {
    return this.timeOffsets.map((t) => shift(output, t));
  }

  override usedIndexes(output: Index, available: (input: Index) => boolean): readonly Index[] | undefined {
    if (!this.requiredTimeOffsets.every((t) => available(shift(output, t)))) return undefined;
    return this.inputIndexes(output).filter(available);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings | undefined {
    if (!this.useNaturalGradient) return undefined;
    const { rankIn, rankOut, numMinibatchesHistory, alphaIn, alphaOut } = this;
    const history = { numSamplesHistory: 2000, numMinibatchesHistory };
    return { rankIn, rankOut, updatePeriod: 1, ...history, alphaIn, alphaOut, of: 'gradient' };
  }

  /** For each value group of each patch, its row in the input seen as rows of numFiltersIn values; -1 for zeros. */
  private patchRows(call: Call): RowIndex {
    const { rows } = call;
    return call.rowIndex('patches', () => {
      const count = this.offsets.length / 2;
      const { heightIn, heightOut, heightSubsampleOut } = this;
      const index = new Int32Array(rows.outputs.length * rows.sequences * heightOut * count);
      const places = new Map(
        this.timeOffsets.map((t) => [
          t,
          positionsOf(
            rows.outputs.map((i) => shift(i, t)),
            rows.inputs,
          ),
        ]),
      );
      let at = 0;
      for (let block = 0; block < rows.outputs.length; block++)
        for (let n = 0; n < rows.sequences; n++)
          for (let h = 0; h < heightOut; h++)
            for (let k = 0; k < count; k++) {
              const place = places.get(this.offsets[2 * k]!)![block]!;
              const height = h * heightSubsampleOut + this.offsets[2 * k + 1]!;
              const inside = place >= 0 && height >= 0 && height < heightIn;
              index[at++] = inside ? (place * rows.sequences + n) * heightIn + height : -1;
            }
      return index;
    });
  }

  /**
   * For each position of the input and each offset, the row of the output, seen as rows of numFiltersOut values, that the
   * position went into by that offset; -1 where there is none.
   */
  private targetRows(call: Call): RowIndex {
    const { rows } = call;
    return call.rowIndex('targets', () => {
      const { heightIn, heightOut, heightSubsampleOut, offsets } = this;
      const count = offsets.length / 2;
      const index = new Int32Array(rows.inputs.length * rows.sequences * heightIn * count);
      const places = new Map(
        this.timeOffsets.map((t) => [
          t,
          positionsOf(
            rows.inputs.map((i) => shift(i, -t)),
            rows.outputs,
          ),
        ]),
      );
      let at = 0;
      for (let block = 0; block < rows.inputs.length; block++)
        for (let n = 0; n < rows.sequences; n++)
          for (let height = 0; height < heightIn; height++)
            for (let k = 0; k < count; k++) {
              const place = places.get(offsets[2 * k]!)![block]!;
              const h = (height - offsets[2 * k + 1]!) / heightSubsampleOut;
              const inside = place >= 0 && h >= 0 && h < heightOut && Number.isInteger(h);
              index[at++] = inside ? (place * rows.sequences + n) * heightOut + h : -1;
            }
      return index;
    });
  }

  /** The weights as the way back wants them: numFiltersIn x (offsets * numFiltersOut). */
  private turned({ engine, tensors, derived }: Call): Tensor {
    return derived('turned', () =>
      engine.tidy(() => {
        const one = (_: unknown, k: number): Tensor =>
          engine.transpose(engine.sliceCols(tensors['linear']!, k * this.numFiltersIn, this.numFiltersIn));
        return engine.concatCols(Array.from({ length: this.offsets.length / 2 }, one));
      }),
    );
  }

  /** For each output position all that its filters read: rows of the input, seen as rows of numFiltersIn values. */
  private patches(call: Call, x: Tensor): Patches {
    const of = call.engine.reshape(x, x.rows * this.heightIn, this.numFiltersIn);
    return { of, index: this.patchRows(call), perRow: this.offsets.length / 2 };
  }

  override get canRectify(): boolean {
    return true;
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors, rows, rectify: relu } = call;
    const { of, index, perRow } = this.patches(call, x);
    const y = engine.affinePatches(of, index, perRow, tensors['linear']!, tensors['bias']!, { relu });
    return { y: engine.reshape(y, rows.outputs.length * rows.sequences, this.outputDim) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine } = call;
    const derivative = engine.reshape(dy, dy.rows * this.heightOut, this.numFiltersOut);
    sink?.affine('linear', 'bias', this.patches(call, x), derivative);
    if (!wanted) return undefined;
    // The way back is a convolution too: what is not written is not added up again either.
    const dx = engine.affinePatches(derivative, this.targetRows(call), this.offsets.length / 2, this.turned(call));
    return engine.reshape(dx, x.rows, this.inputDim);
  }
}
