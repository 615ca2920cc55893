import type { Tensor } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import { type Backprop, type Call, Component, dimError, type Propagated, rowMatrix, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { matrixFile, splitBias } from './read-file.js';

/** y = W x + b that is not trained: an LDA transform, say. */
export class FixedAffineComponent extends Component {
  static override readonly type: string = 'FixedAffineComponent';
  static override readonly fields: readonly Field[] = [
    field('<LinearParams>', 'matrix', 'linear'),
    field('<BiasParams>', 'vector', 'bias'),
  ];
  linear: Matrix = matrix(0, 0);
  bias: Float32Array = new Float32Array(0);

  get inputDim(): number {
    return this.linear.cols;
  }
  get outputDim(): number {
    return this.linear.rows;
  }

  configure(start: Start): void {
    const { config, random } = start;
    if (config.has('matrix')) Object.assign(this, splitBias(matrixFile(start, 'matrix')));
    else {
      // Kaldi's own tests make one from dims: random weights and bias.
      const cols = config.positive('input-dim');
      const rows = config.positive('output-dim');
      this.linear = matrix(rows, cols, random.normals(rows * cols, 0, 1 / Math.sqrt(cols)));
      this.bias = random.normals(rows, 0, 1);
    }
  }

  override check(): void {
    if (this.bias.length !== this.linear.rows)
      dimError(`${this.type}, bias of ${this.linear.rows} outputs`, this.linear.rows, this.bias.length);
  }

  override constants(): Record<string, Matrix> {
    return { linear: this.linear, bias: rowMatrix(this.bias) };
  }

  override get canRectify(): boolean {
    return true;
  }

  propagate({ engine, tensors, rectify }: Call, x: Tensor): Propagated {
    const { linear, bias } = tensors as { linear: Tensor; bias: Tensor };
    return { y: rectify ? engine.affineRelu(x, linear, bias) : engine.affine(x, linear, bias) };
  }

  backprop({ engine, tensors }: Call, { dy, wanted }: Backprop): Tensor | undefined {
    return wanted ? engine.matmul(dy, tensors['linear']!) : undefined;
  }
}
