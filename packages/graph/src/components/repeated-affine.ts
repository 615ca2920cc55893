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
import type { NaturalGradientSettings } from '../trainable.js';
import { asBlocks } from './columns.js';

/** One affine, applied to each of numRepeats blocks of x, trained by plain gradients. */
export class RepeatedAffineComponent extends UpdatableComponent {
  static override readonly type: string = 'RepeatedAffineComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<NumRepeats>', 'int', 'numRepeats'),
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    old('<IsGradient>', 'bool'),
  ];
  numRepeats = 1;
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols * this.numRepeats;
  }
  get outputDim(): number {
    return this.linear.rows * this.numRepeats;
  }

  configure({ config, random }: Start): void {
    this.configureLearning(config);
    this.numRepeats = config.positive('num-repeats');
    const inputDim = config.positive('input-dim');
    const outputDim = config.positive('output-dim');
    for (const [key, dim] of [
      ['input-dim', inputDim],
      ['output-dim', outputDim],
    ] as const)
      if (dim % this.numRepeats)
        config.fail(`expected ${key} a multiple of num-repeats=${this.numRepeats}, found ${dim}`);
    const [cols, rows] = [inputDim / this.numRepeats, outputDim / this.numRepeats];
    const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
    this.linear = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
    this.bias = random.normals(rows, config.float('bias-mean', 0), config.float('bias-stddev', 0));
  }
  override check(): void {
    if (this.numRepeats < 1) dimError(`${this.type}, NumRepeats`, 'above 0', this.numRepeats);
    if (this.bias.length !== this.linear.rows) dimError(`${this.type}, bias`, this.linear.rows, this.bias.length);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors } = call;
    const y = engine.affine(asBlocks(call, x, this.linear.cols), tensors['linear']!, tensors['bias']!);
    return { y: engine.reshape(y, x.rows, this.outputDim) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const slopes = asBlocks(call, dy, this.linear.rows);
    sink?.affine('linear', 'bias', asBlocks(call, x, this.linear.cols), slopes);
    return wanted ? engine.reshape(engine.matmul(slopes, tensors['linear']!), dy.rows, this.inputDim) : undefined;
  }
}

/** The same with natural gradient. Kaldi preconditions the summed gradient's rows; here both sides of each frame are. */
export class NaturalGradientRepeatedAffineComponent extends RepeatedAffineComponent {
  static override readonly type: string = 'NaturalGradientRepeatedAffineComponent';

  override get naturalGradient(): NaturalGradientSettings {
    const { rows, cols } = this.linear;
    const half = (dim: number, most: number): number => Math.max(1, Math.min(most, dim >> 1));
    const rankIn = half(cols, 40);
    return { rankIn, rankOut: half(rows, 80), updatePeriod: 4, numSamplesHistory: 2000, alphaIn: 4, alphaOut: 4 };
  }
}
