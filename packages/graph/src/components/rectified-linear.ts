import type { Engine, Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

/** y = max(0, x). Units that are on for under 5 % or over 95 % of the frames are repaired. */
export class RectifiedLinearComponent extends NonlinearComponent {
  static override readonly type: string = 'RectifiedLinearComponent';

  propagate(call: Call, x: Tensor): Propagated {
    const y = call.engine.unary('relu', x);
    this.store(call, y);
    return { y };
  }

  protected override slope(engine: Engine, y: Tensor): Tensor {
    return engine.unary('sign', y);
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    const dx = engine.reluGrad(y, dy);
    const slope = this.meanSlope(call);
    if (!slope) return dx;
    const low = engine.binary('less', slope, engine.full(1, 1, this.threshold(this.selfRepairLower, 0.05)));
    const high = engine.binary('greater', slope, engine.full(1, 1, this.threshold(this.selfRepairUpper, 0.95)));
    statistics.add('repaired', engine.sumAll(engine.binary('add', low, high)));
    return this.addRepair(call, dx, engine.scale(engine.binary('sub', low, high), 2 * this.selfRepairScale));
  }
}
