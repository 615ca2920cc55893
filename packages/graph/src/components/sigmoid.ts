import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

const sigmoidSlope = elementwise(1, 1, (e, [y]) => [y!, e.sub(y!, e.mul(y!, y!))]);
const tanhSlope = elementwise(1, 1, (e, [y]) => [y!, e.sub(e.parameter(0), e.mul(y!, y!))]);

/** Sigmoid and tanh differ in their functions, and in what counts as stuck. */
abstract class SquashingComponent extends NonlinearComponent {
  protected abstract readonly op: 'sigmoid' | 'tanh';
  protected abstract readonly stuckBelow: number;
  /** What a stuck unit is pushed by, from its output. */
  protected abstract push(engine: Engine, y: Tensor): Tensor;

  propagate(call: Call, x: Tensor): Propagated {
    const y = call.engine.unary(this.op, x);
    this.store(call, y);
    return { y };
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    const dx = this.op === 'sigmoid' ? engine.sigmoidGrad(y, dy) : engine.tanhGrad(y, dy);
    if (call.training) statistics.addCount('numDimsProcessed', this.dim);
    const slope = this.meanSlope(call);
    if (!slope) return dx;
    const stuck = engine.binary(
      'less',
      slope,
      engine.full(1, 1, this.threshold(this.selfRepairLower, this.stuckBelow)),
    );
    statistics.add('repaired', engine.sumAll(stuck));
    const push = engine.binary('mul', this.push(engine, y), stuck);
    return engine.addScaled(dx, push, -2 * this.selfRepairScale);
  }
}

/** y = 1 / (1 + exp(-x)); units whose mean slope is under 0.05 are repaired. */
export class SigmoidComponent extends SquashingComponent {
  static override readonly type: string = 'SigmoidComponent';
  protected readonly op = 'sigmoid';
  protected readonly stuckBelow = 0.05;
  protected override readonly valueAndSlope = sigmoidSlope;
  protected push(engine: Engine, y: Tensor): Tensor {
    return engine.scale(y, 2, -1);
  }
}

/** y = tanh(x); units whose mean slope is under 0.2 are repaired. */
export class TanhComponent extends SquashingComponent {
  static override readonly type: string = 'TanhComponent';
  protected readonly op = 'tanh';
  protected readonly stuckBelow = 0.2;
  protected override readonly valueAndSlope = tanhSlope;
  protected push(_engine: Engine, y: Tensor): Tensor {
    return y;
  }
}
