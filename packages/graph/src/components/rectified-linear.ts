import {
  elementwise,
  type Engine,
  normGradSquares,
  type NormalizerSlope,
  reluNormGrad,
  type Tensor,
} from '@jebena/engine';
import type { Backprop, Call, Propagated } from '../component.js';
import { NonlinearComponent } from './nonlinear.js';

const repaired = elementwise(3, 0, (e, [y, dy, push]) => [e.add(e.op('reluGrad', y!, dy!), push!)]);

/** Which units are repaired, and the push: up where the sum of slopes is low, down where it is high. */
const pushed = elementwise(1, 3, (e, [sum]) => {
  const low = e.op('less', sum!, e.parameter(0));
  const high = e.op('greater', sum!, e.parameter(1));
  return [e.add(low, high), e.mul(e.sub(low, high), e.parameter(2))];
});

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

  backprop(call: Call, { y, dy, wanted, left: norm }: Backprop): Tensor | undefined {
    const { engine } = call;
    const [values, derivatives] = [this.blocks(engine, y), this.blocks(engine, dy)];
    this.storeBackprop(call, dy, norm && (() => normGradSquares(engine, y, this.ofUnits(engine, norm), dy)));
    if (!wanted) return undefined;
    const push = this.push(call);
    if (!norm && !push) return engine.reluGrad(y, dy);
    const dx = norm
      ? reluNormGrad(engine, values, norm, derivatives, push)
      : engine.map(repaired, [values, derivatives, push!])[0]!;
    return dx.rows === dy.rows ? dx : engine.reshape(dx, dy.rows, dy.cols);
  }

  /** The rows of a norm of blocks for each unit of `dim`: statistics are of units, not of blocks. */
  private ofUnits(engine: Engine, norm: NormalizerSlope): NormalizerSlope {
    const count = this.dim / this.blockDim;
    const repeated = (row: Tensor): Tensor => (count === 1 ? row : engine.concatCols(Array(count).fill(row)));
    const { mean, scale, shift, slope } = norm;
    return { mean: repeated(mean), scale: repeated(scale), shift: repeated(shift), slope: repeated(slope) };
  }

  /** What self-repair adds to the derivative of each unit (1 x blockDim), where it does. */
  private push(call: Call): Tensor | undefined {
    const { engine, statistics } = call;
    const slopes = this.slopes(call);
    if (!slopes) return undefined;
    const { sum } = slopes;
    statistics.addCount('numDimsProcessed', this.blockDim);
    // Units that share a filter are repaired together.
    const shared = this.dim / this.blockDim;
    const sums = shared === 1 ? sum : engine.sumRows(this.blocks(engine, sum));
    const count = slopes.count * shared;
    const [low, high] = [this.threshold(this.selfRepairLower, 0.05), this.threshold(this.selfRepairUpper, 0.95)];
    const parameters = [low * count, high * count, 2 * this.selfRepairScale];
    const [repairedUnits, push] = engine.map(pushed, [sums], { parameters });
    statistics.add('repaired', repairedUnits!);
    return push;
  }

  protected override get repairedUnits(): number {
    return this.blockDim;
  }
}
