import type { Tensor } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  type Propagated,
  type Start,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import type { NaturalGradientSettings } from '../trainable.js';
import { matrixFile } from './read-file.js';

/** y = W x. */
export class LinearComponent extends UpdatableComponent {
  static override readonly type: string = 'LinearComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Params>', 'matrix', 'linear'),
    field('<OrthonormalConstraint>', 'float', 'orthonormalConstraint', { when: (c) => c.orthonormalConstraint !== 0 }),
    field('<UseNaturalGradient>', 'bool', 'useNaturalGradient'),
    field('<RankInOut>', 'int', ['rankIn', 'rankOut']),
    field('<Alpha>', 'float', 'alpha'),
    field('<NumSamplesHistory>', 'float', 'numSamplesHistory'),
    field('<UpdatePeriod>', 'int', 'updatePeriod'),
  ];
  linear: Matrix = matrix(0, 0);
  orthonormalConstraint = 0;
  useNaturalGradient = true;
  rankIn = 20;
  rankOut = 80;
  alpha = 4;
  numSamplesHistory = 2000;
  updatePeriod = 4;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.linear.cols;
  }
  get outputDim(): number {
    return this.linear.rows;
  }
  override get affine(): { weights: string; bias: string | undefined } {
    return { weights: 'linear', bias: undefined };
  }
  override get orthonormal(): number {
    return this.orthonormalConstraint;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.configureLearning(config);
    if (config.has('matrix')) this.linear = matrixFile(start, 'matrix');
    else {
      const cols = config.positive('input-dim');
      const rows = config.positive('output-dim');
      const stddev = config.float('param-stddev', 1 / Math.sqrt(cols));
      this.linear = matrix(rows, cols, random.normals(rows * cols, 0, stddev));
    }
    this.orthonormalConstraint = config.float('orthonormal-constraint', 0);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    this.rankIn = config.int('rank-in', Math.min(20, (this.inputDim + 1) >> 1));
    this.rankOut = config.int('rank-out', Math.min(80, (this.outputDim + 1) >> 1));
    this.alpha = config.float('alpha', 4);
    this.numSamplesHistory = config.float('num-samples-history', 2000);
    this.updatePeriod = config.positive('update-period', 4);
  }

  parameters(): Record<string, Matrix> {
    return { linear: this.linear };
  }
  withParameters({ linear }: Readonly<Record<string, Matrix>>): this {
    return this.with({ linear: linear ?? this.linear } as Partial<this>);
  }

  override get naturalGradient(): NaturalGradientSettings | undefined {
    if (!this.useNaturalGradient) return undefined;
    const { rankIn, rankOut, updatePeriod, numSamplesHistory, alpha } = this;
    return { rankIn, rankOut, updatePeriod, numSamplesHistory, alphaIn: alpha, alphaOut: alpha };
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    return { y: engine.affine(x, tensors['linear']!) };
  }

  backprop({ engine, tensors }: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    sink?.affine('linear', undefined, x, dy);
    return wanted ? engine.matmul(dy, tensors['linear']!) : undefined;
  }
}
