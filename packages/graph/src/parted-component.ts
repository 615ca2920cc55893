import type { Engine, Tensor } from '@jebena/engine';
import { type Backprop, type Call, type Propagated, UpdatableComponent } from './component.js';

/** What `backpropParts` is given: the input as parts. */
export type BackpropParts = Omit<Backprop, 'x'> & { readonly xs: readonly Tensor[] };

/**
 * A component that takes its input apart: where a network appends just those parts, it is given them as they lie, and hands
 * their derivatives back one by one, without joining them to a matrix in between.
 */
export abstract class PartedComponent extends UpdatableComponent {
  /** Columns of the parts of its input. */
  abstract get partDims(): readonly number[];
  abstract propagateParts(call: Call, xs: readonly Tensor[]): Propagated;
  /** The derivatives of the parts. */
  abstract backpropParts(call: Call, back: BackpropParts): readonly Tensor[] | undefined;

  get inputDim(): number {
    return this.partDims.reduce((a, b) => a + b, 0);
  }

  propagate(call: Call, x: Tensor): Propagated {
    return this.propagateParts(call, this.parts(call.engine, x));
  }

  backprop(call: Call, { x, ...back }: Backprop): Tensor | undefined {
    const dxs = this.backpropParts(call, { ...back, xs: this.parts(call.engine, x) });
    return dxs && call.engine.concatCols(dxs);
  }

  private parts(engine: Engine, x: Tensor): Tensor[] {
    let at = 0;
    return this.partDims.map((dim) => {
      const part = engine.sliceCols(x, at, dim);
      at += dim;
      return part;
    });
  }
}
