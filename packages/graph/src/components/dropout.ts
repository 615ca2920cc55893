import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';

/**
 * Each value (or each row) is zeroed with probability p when training. It is not scaled up: outside training all is
 * multiplied by 1 - p instead.
 */
export class DropoutComponent extends Component {
  static override readonly type: string = 'DropoutComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<DropoutProportion>', 'float', 'dropoutProportion'),
    field('<DropoutPerFrame>', 'bool', 'dropoutPerFrame', { optional: true }),
    field('<TestMode>', 'bool', 'testMode', { optional: true }),
  ];
  dim = 0;
  dropoutProportion = 0;
  dropoutPerFrame = false;
  testMode = false;

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    this.dropoutProportion = config.float('dropout-proportion');
    if (!(this.dropoutProportion >= 0 && this.dropoutProportion <= 1))
      config.fail(`expected dropout-proportion from 0 to 1, found ${this.dropoutProportion}`);
    this.dropoutPerFrame = config.bool('dropout-per-frame', false);
    this.testMode = config.bool('test-mode', false);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const p = this.dropoutProportion;
    if (p === 0) return { y: x };
    if (!call.training || this.testMode) return { y: engine.scale(x, 1 - p) };
    const uniform = engine.randomUniform(x.rows, this.dropoutPerFrame ? 1 : x.cols, call.draw());
    const mask = engine.binary('greater', uniform, engine.full(1, 1, p));
    return { y: engine.binary('mul', x, mask), memo: { mask } };
  }

  backprop({ engine }: Call, { dy, memo, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    if (memo) return engine.binary('mul', dy, memo['mask']!);
    return this.dropoutProportion === 0 ? dy : engine.scale(dy, 1 - this.dropoutProportion);
  }
}
