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
import { matrixFile, splitBias } from './read-file.js';

/** y = W x + b, trained by plain gradients. */
export class AffineComponent extends UpdatableComponent {
  static override readonly type: string = 'AffineComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    field('<OrthonormalConstraint>', 'float', 'orthonormalConstraint', { when: (c) => c.orthonormalConstraint !== 0 }),
    old('<IsGradient>', 'bool'),
  ];
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);
  orthonormalConstraint = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols;
  }
  get outputDim(): number {
    return this.linear.rows;
  }
  override get affine(): { weights: string; bias: string | undefined } {
    return { weights: 'linear', bias: 'bias' };
  }
  override get orthonormal(): number {
    return this.orthonormalConstraint;
  }

  configure(start: Start): void {
    this.configureLearning(start.config);
    this.configureAffine(start, undefined);
  }

  /** Kaldi's keys: matrix=, or dims with standard deviations. */
  protected configureAffine(start: Start, defaultBiasMean: number | undefined): void {
    const { config, random } = start;
    this.orthonormalConstraint = config.float('orthonormal-constraint', 0);
    if (config.has('matrix')) {
      Object.assign(this, splitBias(matrixFile(start, 'matrix')));
      if (config.has('input-dim') && config.int('input-dim') !== this.inputDim)
        config.fail(`expected input-dim=${this.inputDim} as in the matrix, found ${config.int('input-dim')}`);
      if (config.has('output-dim') && config.int('output-dim') !== this.outputDim)
        config.fail(`expected output-dim=${this.outputDim} as in the matrix, found ${config.int('output-dim')}`);
      return;
    }
    const cols = config.positive('input-dim');
    const rows = config.positive('output-dim');
    const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
    const biasMean = defaultBiasMean === undefined ? 0 : config.float('bias-mean', defaultBiasMean);
    const biasStddev = config.float('bias-stddev', 1);
    this.linear = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
    this.bias = random.normals(rows, biasMean, biasStddev);
  }

  override check(): void {
    if (this.bias.length !== this.linear.rows)
      dimError(`${this.type}, bias of ${this.linear.rows} outputs`, this.linear.rows, this.bias.length);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }
  withParameters({ linear, bias }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear, bias: bias?.data ?? this.bias } as Partial<this>);
  }

  override get canRectify(): boolean {
    return true;
  }

  propagate({ engine, tensors, rectify }: Call, x: Tensor): Propagated {
    const { linear, bias } = tensors as { linear: Tensor; bias: Tensor };
    return { y: rectify ? engine.affineRelu(x, linear, bias) : engine.affine(x, linear, bias) };
  }

  backprop({ engine, tensors }: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    sink?.affine('linear', 'bias', x, dy);
    return wanted ? engine.matmul(dy, tensors['linear']!) : undefined;
  }
}

/** y = W x + b, trained with natural gradient on both sides (Povey, Zhang and Khudanpur, 2015). */
export class NaturalGradientAffineComponent extends AffineComponent {
  static override readonly type: string = 'NaturalGradientAffineComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
    field('<RankIn>', 'int', 'rankIn'),
    field('<RankOut>', 'int', 'rankOut'),
    field('<OrthonormalConstraint>', 'float', 'orthonormalConstraint', { when: (c) => c.orthonormalConstraint !== 0 }),
    field('<UpdatePeriod>', 'int', 'updatePeriod'),
    field('<NumSamplesHistory>', 'float', 'numSamplesHistory'),
    field('<Alpha>', 'float', 'alpha'),
    old('<MaxChangePerSample>', 'float'),
    old('<IsGradient>', 'bool'),
    old('<UpdateCount>', 'double'),
    old('<ActiveScalingCount>', 'double'),
    old('<MaxChangeScaleStats>', 'double'),
  ];
  rankIn = 20;
  rankOut = 80;
  updatePeriod = 4;
  numSamplesHistory = 2000;
  alpha = 4;

  override configure(start: Start): void {
    const { config } = start;
    this.configureLearning(config);
    this.configureAffine(start, 0);
    this.rankIn = config.int('rank-in', Math.min(20, (this.inputDim + 1) >> 1));
    this.rankOut = config.int('rank-out', Math.min(80, (this.outputDim + 1) >> 1));
    this.updatePeriod = config.positive('update-period', 4);
    this.numSamplesHistory = config.float('num-samples-history', 2000);
    this.alpha = config.float('alpha', 4);
  }

  override get naturalGradient(): NaturalGradientSettings {
    const { rankIn, rankOut, updatePeriod, numSamplesHistory, alpha } = this;
    return { rankIn, rankOut, updatePeriod, numSamplesHistory, alphaIn: alpha, alphaOut: alpha };
  }
}
