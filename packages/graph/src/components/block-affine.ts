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
import { type Field, field, old } from '../fields.js';

/** y = W x + b with W made of numBlocks blocks on its diagonal, which are stored one below the other. */
export class BlockAffineComponent extends UpdatableComponent {
  static override readonly type: string = 'BlockAffineComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<NumBlocks>', 'int', 'numBlocks'),
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    old('<IsGradient>', 'bool'),
  ];
  numBlocks = 1;
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols * this.numBlocks;
  }
  get outputDim(): number {
    return this.linear.rows;
  }

  configure({ config, random }: Start): void {
    this.configureLearning(config);
    const inputDim = config.positive('input-dim');
    const rows = config.positive('output-dim');
    this.numBlocks = config.positive('num-blocks');
    for (const [key, dim] of [
      ['input-dim', inputDim],
      ['output-dim', rows],
    ] as const)
      if (dim % this.numBlocks) config.fail(`expected ${key} a multiple of num-blocks=${this.numBlocks}, found ${dim}`);
    const cols = inputDim / this.numBlocks;
    const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
    this.linear = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
    this.bias = random.normals(rows, config.float('bias-mean', 0), config.float('bias-stddev', 1));
  }
  override check(): void {
    const { numBlocks, linear, bias } = this;
    if (numBlocks < 1 || linear.rows % numBlocks)
      dimError(`${this.type}, rows`, `a multiple of ${numBlocks}`, linear.rows);
    if (bias.length !== linear.rows) dimError(`${this.type}, bias`, linear.rows, bias.length);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }

  private get blockRows(): number {
    return this.linear.rows / this.numBlocks;
  }
  private block({ engine, tensors }: Call, b: number): Tensor {
    return engine.sliceRows(tensors['linear']!, b * this.blockRows, this.blockRows);
  }
  private blocksOf({ engine }: Call, t: Tensor): Tensor[] {
    const width = t.cols / this.numBlocks;
    return Array.from({ length: this.numBlocks }, (_, b) => engine.sliceCols(t, b * width, width));
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors } = call;
    const parts = this.blocksOf(call, x).map((part, b) => engine.affine(part, this.block(call, b)));
    return { y: engine.binary('add', engine.concatCols(parts), tensors['bias']!) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine } = call;
    const slopes = this.blocksOf(call, dy);
    if (sink) {
      const inputs = this.blocksOf(call, x);
      const gradients = slopes.map((slope, b) => engine.matmul(slope, inputs[b]!, { transposeA: true }));
      sink.whole('linear', engine.concatRows(gradients));
      sink.rows('bias', dy);
    }
    return wanted ? engine.concatCols(slopes.map((slope, b) => engine.matmul(slope, this.block(call, b)))) : undefined;
  }
}
