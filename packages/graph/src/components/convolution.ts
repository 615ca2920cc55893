import type { Tensor } from '@jebena/engine';
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
import { asBlocks, gatherCols, scatterAddCols } from './columns.js';
import { matrixFile, splitBias } from './read-file.js';

const orders = { yzx: 0, zyx: 1 } as const;

/**
 * Kaldi's older convolution over an image of x (time, spliced) by y (frequency) by z (channels) in each row. Its output
 * has a patch for each place of the filter, x first, the filters innermost.
 */
export class ConvolutionComponent extends UpdatableComponent {
  static override readonly type: string = 'ConvolutionComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<InputXDim>', 'int', 'inputX'),
    field('<InputYDim>', 'int', 'inputY'),
    field('<InputZDim>', 'int', 'inputZ'),
    field('<FiltXDim>', 'int', 'filterX'),
    field('<FiltYDim>', 'int', 'filterY'),
    field('<FiltXStep>', 'int', 'stepX'),
    field('<FiltYStep>', 'int', 'stepY'),
    field('<InputVectorization>', 'int', 'order'),
    field('<FilterParams>', 'matrix', 'filters'),
    field('<BiasParams>', 'vector', 'bias'),
    field('<IsGradient>', 'bool', 'isGradient', { optional: true, when: () => true }),
  ];
  inputX = 0;
  inputY = 0;
  inputZ = 0;
  filterX = 0;
  filterY = 0;
  stepX = 1;
  stepY = 1;
  /** 0: y is innermost in the input, 1: z is. */
  order: number = orders.zyx;
  filters: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.inputX * this.inputY * this.inputZ;
  }
  get outputDim(): number {
    return this.placesX * this.placesY * this.filters.rows;
  }
  private get placesX(): number {
    return 1 + (this.inputX - this.filterX) / this.stepX;
  }
  private get placesY(): number {
    return 1 + (this.inputY - this.filterY) / this.stepY;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.configureLearning(config);
    this.inputX = config.positive('input-x-dim');
    this.inputY = config.positive('input-y-dim');
    this.inputZ = config.positive('input-z-dim');
    this.filterX = config.positive('filt-x-dim');
    this.filterY = config.positive('filt-y-dim');
    this.stepX = config.positive('filt-x-step');
    this.stepY = config.positive('filt-y-step');
    const order = config.string('input-vectorization-order', 'zyx');
    if (order !== 'zyx' && order !== 'yzx')
      config.fail(`expected input-vectorization-order=zyx or yzx, found ${order}`);
    this.order = orders[order as keyof typeof orders];
    if (config.has('matrix')) {
      const { linear, bias } = splitBias(matrixFile(start, 'matrix'));
      Object.assign(this, { filters: linear, bias });
    } else {
      const rows = config.positive('num-filters');
      const cols = this.filterX * this.filterY * this.inputZ;
      const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
      this.filters = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
      this.bias = random.normals(rows, 0, config.float('bias-stddev', 1));
    }
    if (!this.fits()) config.fail('expected filters that fit into the input a whole number of steps apart');
  }
  override check(): void {
    if (!this.fits()) dimError(`${this.type}, dims`, 'filters that fit the input', `filters of ${this.filters.cols}`);
    if (this.bias.length !== this.filters.rows) dimError(`${this.type}, bias`, this.filters.rows, this.bias.length);
  }

  private fits(): boolean {
    return (
      Number.isInteger(this.placesX) &&
      Number.isInteger(this.placesY) &&
      this.placesX > 0 &&
      this.placesY > 0 &&
      this.filters.cols === this.filterX * this.filterY * this.inputZ
    );
  }

  parameters(): Record<string, Matrix> {
    return { filters: this.filters, bias: rowMatrix(this.bias) };
  }
  withParameters({ filters, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ filters: filters ?? this.filters, bias: bias?.data ?? this.bias } as Partial<this>);
  }

  /** The input column of each column of the patches. */
  private columns(): Int32Array {
    const columns = new Int32Array(this.placesX * this.placesY * this.filters.cols);
    let i = 0;
    for (let px = 0; px < this.placesX; px++)
      for (let py = 0; py < this.placesY; py++)
        for (let x = px * this.stepX; x < px * this.stepX + this.filterX; x++)
          for (let y = py * this.stepY; y < py * this.stepY + this.filterY; y++)
            for (let z = 0; z < this.inputZ; z++) {
              const inner = this.order === orders.zyx ? y * this.inputZ + z : z * this.inputY + y;
              columns[i++] = x * this.inputY * this.inputZ + inner;
            }
    return columns;
  }

  /** One row for each place of the filter. */
  private patches(call: Call, x: Tensor): Tensor {
    return asBlocks(
      call,
      gatherCols(call, 'columns', x, () => this.columns()),
      this.filters.cols,
    );
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors } = call;
    const y = engine.affine(this.patches(call, x), tensors['filters']!, tensors['bias']!);
    return { y: engine.reshape(y, x.rows, this.outputDim) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const slopes = asBlocks(call, dy, this.filters.rows);
    sink?.affine('filters', 'bias', this.patches(call, x), slopes);
    if (!wanted) return undefined;
    const patches = engine.matmul(slopes, tensors['filters']!);
    const wide = engine.reshape(patches, dy.rows, this.placesX * this.placesY * this.filters.cols);
    return scatterAddCols(call, 'columns', wide, () => this.columns(), this.inputDim);
  }
}
