import { elementwise, type ElementwiseProgram, type Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

const sigmoidSlope = elementwise(1, 1, (e, [y]) => [y!, e.sub(y!, e.mul(y!, y!))]);
const tanhSlope = elementwise(1, 1, (e, [y]) => [y!, e.sub(e.parameter(0), e.mul(y!, y!))]);

const isStuck = elementwise(1, 1, (e, [slopes]) => [e.op('less', slopes!, e.parameter(0))]);

// The way back and the push of stuck units, in one pass. Parameters: the sum of slopes below which a unit is stuck, the
// push's scale, and for the sigmoid 2 and -1.
const sigmoidRepaired = elementwise(3, 4, (e, [y, dy, slopes]) => {
  const stuck = e.op('less', slopes!, e.parameter(0));
  const push = e.mul(e.mulAdd(y!, e.parameter(2), e.parameter(3)), stuck);
  return [e.mulAdd(push, e.parameter(1), e.op('sigmoidGrad', y!, dy!))];
});
const tanhRepaired = elementwise(3, 2, (e, [y, dy, slopes]) => [
  e.mulAdd(e.mul(y!, e.op('less', slopes!, e.parameter(0))), e.parameter(1), e.op('tanhGrad', y!, dy!)),
]);

/** Sigmoid and tanh differ in their functions, and in what counts as stuck. */
abstract class SquashingComponent extends NonlinearComponent {
  protected abstract readonly op: 'sigmoid' | 'tanh';
  protected abstract readonly stuckBelow: number;
  protected abstract readonly repaired: ElementwiseProgram;

  propagate(call: Call, x: Tensor): Propagated {
    const y = call.engine.unary(this.op, x);
    this.store(call, y);
    return { y };
  }

  backprop(call: Call, { y, dy, wanted }: Backprop): Tensor | undefined {
    this.storeBackprop(call, dy);
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    if (call.training) statistics.addCount('numDimsProcessed', this.dim);
    const slopes = this.slopes(call);
    if (!slopes) return this.op === 'sigmoid' ? engine.sigmoidGrad(y, dy) : engine.tanhGrad(y, dy);
    const low = this.threshold(this.selfRepairLower, this.stuckBelow) * slopes.count;
    statistics.add('repaired', engine.map(isStuck, [slopes.sum], { parameters: [low] })[0]!);
    const parameters = [low, -2 * this.selfRepairScale, 2, -1].slice(0, this.repaired.parameters);
    return engine.map(this.repaired, [y, dy, slopes.sum], { parameters })[0];
  }
}

/** y = 1 / (1 + exp(-x)); units whose mean slope is under 0.05 are repaired. */
export class SigmoidComponent extends SquashingComponent {
  static override readonly type: string = 'SigmoidComponent';
  protected readonly op = 'sigmoid';
  protected readonly stuckBelow = 0.05;
  protected override readonly valueAndSlope = sigmoidSlope;
  protected readonly repaired = sigmoidRepaired;
}

/** y = tanh(x); units whose mean slope is under 0.2 are repaired. */
export class TanhComponent extends SquashingComponent {
  static override readonly type: string = 'TanhComponent';
  protected readonly op = 'tanh';
  protected readonly stuckBelow = 0.2;
  protected override readonly valueAndSlope = tanhSlope;
  protected readonly repaired = tanhRepaired;
}
