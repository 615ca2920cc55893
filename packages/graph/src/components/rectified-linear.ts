import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

const repaired = elementwise(3, 0, (e, [y, dy, push]) => [e.add(e.op('reluGrad', y!, dy!), push!)]);

const valueAndSlope = elementwise(1, 1, (e, [y]) => [y!, e.op('sign', y!)]);

/** y = max(0, x). Units that are on for under 5 % or over 95 % of the frames are repaired. */
export class RectifiedLinearComponent extends NonlinearComponent {
  static override readonly type: string = 'RectifiedLinearComponent';

  propagate(call: Call, x: Tensor): Propagated {
    const y = call.rectified ? x : call.engine.unary('relu', x);
    this.store(call, y);
    return { y };
  }

  protected override readonly valueAndSlope = valueAndSlope;

  /** Rows of one block each. */
  private blocks(engine: Engine, t: Tensor): Tensor {
    return this.blockDim === this.dim ? t : engine.reshape(t, (t.rows * this.dim) / this.blockDim, this.blockDim);
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    const slopes = this.meanSlope(call);
    if (!slopes) return engine.reluGrad(y, dy);
    statistics.addCount('numDimsProcessed', this.blockDim);
    // Units that share a filter are repaired together.
    const count = this.dim / this.blockDim;
    const slope = count === 1 ? slopes : engine.scale(engine.sumRows(this.blocks(engine, slopes)), 1 / count);
    const low = engine.binary('less', slope, engine.full(1, 1, this.threshold(this.selfRepairLower, 0.05)));
    const high = engine.binary('greater', slope, engine.full(1, 1, this.threshold(this.selfRepairUpper, 0.95)));
    statistics.add('repaired', engine.sumAll(engine.binary('add', low, high)));
    const push = engine.scale(engine.binary('sub', low, high), 2 * this.selfRepairScale);
    const [dx] = engine.map(repaired, [this.blocks(engine, y), this.blocks(engine, dy), push]);
    return dx!.rows === dy.rows ? dx : engine.reshape(dx!, dy.rows, dy.cols);
  }
}
