import type { Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

/** y = softmax(x), floored at 1e-20 so that a logarithm of it is finite. */
export class SoftmaxComponent extends NonlinearComponent {
  static override readonly type: string = 'SoftmaxComponent';

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const y = engine.clamp(engine.softmax(x), 1e-20, 1);
    this.store(call, y);
    return { y };
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    if (!wanted) return undefined;
    const { engine } = call;
    const mean = engine.sumCols(engine.binary('mul', y, dy));
    return engine.binary('mul', y, engine.binary('sub', dy, mean));
  }
}

/** y = log(softmax(x)). */
export class LogSoftmaxComponent extends NonlinearComponent {
  static override readonly type: string = 'LogSoftmaxComponent';

  propagate({ engine }: Call, x: Tensor): Propagated {
    return { y: engine.logSoftmax(x) };
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    return wanted ? call.engine.logSoftmaxGrad(y, dy) : undefined;
  }
}
