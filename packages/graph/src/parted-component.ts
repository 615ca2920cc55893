import type { Engine, Tensor } from '@jebena/engine';
import { type Backprop, type Call, type Propagated, UpdatableComponent } from './component.js';

/** What `backpropParts` is given: the input as parts, and the derivative of the output (undefined where that is 0). */
export type BackpropParts = Omit<Backprop, 'x' | 'dy'> & {
  readonly xs: readonly Tensor[];
  readonly dys: readonly (Tensor | undefined)[];
};

/**
 * A component that takes its input apart: where a network appends just those parts, it is given them as they lie, and hands
 * their derivatives back one by one, without joining them to a matrix in between.
 */
export abstract class PartedComponent extends UpdatableComponent {
  /** Columns of the parts of its input. */
  abstract get partDims(): readonly number[];
  /** Columns of the parts of its output. */
  abstract get outputDims(): readonly number[];
  abstract propagateParts(call: Call, xs: readonly Tensor[]): Propagated;
  /** The derivatives of the parts. */
  abstract backpropParts(call: Call, back: BackpropParts): readonly Tensor[] | undefined;

  get inputDim(): number {
    return this.partDims.reduce((a, b) => a + b, 0);
  }
  get outputDim(): number {
    return this.outputDims.reduce((a, b) => a + b, 0);
  }

  propagate(call: Call, x: Tensor): Propagated {
    return this.propagateParts(call, partsOf(call.engine, x, this.partDims));
  }

  backprop(call: Call, { x, dy, ...back }: Backprop): Tensor | undefined {
    const { engine } = call;
    const [xs, dys] = [partsOf(engine, x, this.partDims), partsOf(engine, dy, this.outputDims)];
    const dxs = this.backpropParts(call, { ...back, xs, dys });
    return dxs && engine.concatCols(dxs);
  }
}

/** A matrix in parts of so many columns. */
export function partsOf(engine: Engine, x: Tensor, dims: readonly number[]): Tensor[] {
  let at = 0;
  return dims.map((dim) => engine.sliceCols(x, (at += dim) - dim, dim));
}
