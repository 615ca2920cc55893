import type { Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import { type Backprop, type Call, Component, type Propagated, rowMatrix, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { vectorFile } from './read-file.js';

/** y = scales * x, not trained. */
export class FixedScaleComponent extends Component {
  static override readonly type: string = 'FixedScaleComponent';
  static override readonly fields: readonly Field[] = [field('<Scales>', 'vector', 'scales')];
  scales: Float32Array = new Float32Array(0);

  get inputDim(): number {
    return this.scales.length;
  }
  get outputDim(): number {
    return this.scales.length;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.scales = config.has('scales') ? vectorFile(start, 'scales') : random.normals(config.positive('dim'), 0, 1);
  }

  override constants(): Record<string, Matrix> {
    return { scales: rowMatrix(this.scales) };
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    return { y: engine.binary('mul', x, tensors['scales']!) };
  }

  backprop({ engine, tensors }: Call, { dy, wanted }: Backprop): Tensor | undefined {
    return wanted ? engine.binary('mul', dy, tensors['scales']!) : undefined;
  }
}

/** y = x + bias, not trained. */
export class FixedBiasComponent extends Component {
  static override readonly type: string = 'FixedBiasComponent';
  static override readonly fields: readonly Field[] = [field('<Bias>', 'vector', 'bias')];
  bias: Float32Array = new Float32Array(0);

  get inputDim(): number {
    return this.bias.length;
  }
  get outputDim(): number {
    return this.bias.length;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.bias = config.has('bias') ? vectorFile(start, 'bias') : random.normals(config.positive('dim'), 0, 1);
  }

  override constants(): Record<string, Matrix> {
    return { bias: rowMatrix(this.bias) };
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    return { y: engine.binary('add', x, tensors['bias']!) };
  }

  backprop(_call: Call, { dy, wanted }: Backprop): Tensor | undefined {
    return wanted ? dy : undefined;
  }
}
