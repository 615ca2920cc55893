import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field, old } from '../fields.js';

/** y = x; the derivative may be scaled. */
export class NoOpComponent extends Component {
  static override readonly type: string = 'NoOpComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    old('<ValueAvg>', 'vector'),
    old('<DerivAvg>', 'vector'),
    old('<Count>', 'double'),
    field('<BackpropScale>', 'float', 'backpropScale', { optional: true }),
  ];
  dim = 0;
  backpropScale = 1;

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    this.backpropScale = config.float('backprop-scale', 1);
  }

  propagate(_call: Call, x: Tensor): Propagated {
    return { y: x };
  }

  backprop({ engine }: Call, { dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    return this.backpropScale === 1 ? dy : engine.scale(dy, this.backpropScale);
  }
}
