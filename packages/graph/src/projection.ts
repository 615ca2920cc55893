import type { Engine, Tensor } from '@jebena/engine';
import type { Computation } from './computation.js';
import { Derivative } from './derivative.js';
import type { GradientSink } from './gradient-sink.js';
import type { LoadedComponent } from './loaded-component.js';
import type { ProjectStep, Slot } from './plan/plan.js';
import type { References } from './references.js';
import type { RowMap } from './row-map.js';

/**
 * An affine inside a recurrence, taken apart: what comes from outside the recurrence is multiplied for all frames
 * at once, what comes from inside step by step, and the gradient of the weights is one product after the loop.
 */
export class Projection {
  private readonly engine: Engine;
  private readonly loaded: LoadedComponent;
  private readonly names: { readonly weights: string; readonly bias: string | undefined };
  private readonly insideDim: number;
  /** The inputs from inside, gathered as the backward pass meets them. */
  private inside: Derivative | undefined;

  constructor(
    private readonly computation: Computation,
    private readonly step: ProjectStep,
    private readonly slot: Slot,
  ) {
    this.engine = computation.engine;
    this.loaded = computation.components.get(step.component)!;
    this.names = this.loaded.component.affine!;
    this.insideDim = step.layout.reduce((sum, l) => sum + (l.outside ? 0 : l.dim), 0);
  }

  private get rows(): number {
    return this.slot.indexes.length * this.computation.plan.sequences;
  }

  /** The columns of the weights for the inputs from outside (or inside). */
  weights(outside: boolean): Tensor {
    const { layout } = this.step;
    const whole = this.loaded.tensors[this.names.weights]!;
    if (layout.every((l) => l.outside === outside)) return whole;
    const which = layout.map((l) => (l.outside ? 'o' : 'i') + l.dim).join('');
    return this.loaded.derived(`${outside ? 'outside' : 'inside'} ${which}`, () =>
      this.engine.tidy(() => {
        let at = 0;
        const pieces: Tensor[] = [];
        for (const { outside: from, dim } of layout) {
          if (from === outside) pieces.push(this.engine.sliceCols(whole, at, dim));
          at += dim;
        }
        return pieces.length === 1 ? pieces[0]! : this.engine.concatCols(pieces);
      }),
    );
  }

  forward(values: readonly (Tensor | undefined)[], refs: References): Tensor {
    const x = this.computation.gatherer.gather(this.step.input, values, refs);
    const { bias: name } = this.names;
    const bias = name === undefined ? undefined : this.loaded.tensors[name];
    const y = refs.own(this.engine.affine(x, this.weights(true), bias));
    refs.release(x);
    return y;
  }

  /** Holds the input from inside of some frames; takes over the reference. */
  remember(x: Tensor, map: RowMap, refs: References): void {
    this.inside ??= new Derivative(this.engine, refs, this.slot.indexes.length, this.rows, this.insideDim);
    this.inside.add(x, map);
  }

  backward(
    dy: Tensor,
    values: readonly (Tensor | undefined)[],
    sums: readonly (Derivative | undefined)[],
    sink: GradientSink | undefined,
    refs: References,
  ): void {
    const { engine, step } = this;
    const { gatherer } = this.computation;
    if (sink) {
      const x = this.wholeInput(values, refs);
      engine.tidy(() => sink.affine(this.names.weights, this.names.bias, x.length === 1 ? x[0]! : x, dy));
      for (const block of x) refs.release(block);
    }
    const wanted = step.input.parts.some((p) => p.leaves.some((leaf) => sums[leaf.slot]));
    if (!wanted) return;
    const dx = refs.own(engine.matmul(dy, this.weights(true)));
    gatherer.scatter(step.input, dx, sums, refs);
    refs.release(dx);
  }

  /** Inputs from outside and inside, in the order of the weights' columns. */
  private wholeInput(values: readonly (Tensor | undefined)[], refs: References): Tensor[] {
    const { engine, step } = this;
    const { gatherer } = this.computation;
    const inside = this.insideDim
      ? (this.inside?.take(gatherer.rowIndex) ?? refs.own(engine.zeros(this.rows, this.insideDim)))
      : undefined;
    this.inside = undefined;
    let outer = 0;
    let at = 0;
    const blocks = step.layout.map(({ outside, dim }) => {
      if (outside) return gatherer.part(step.input.parts[outer++]!, step.input.blocks, values, refs);
      const block = refs.own(dim === this.insideDim ? inside! : engine.sliceCols(inside!, at, dim));
      at += dim;
      return block;
    });
    if (inside) refs.release(inside);
    return blocks;
  }

  dispose(refs: References): void {
    const left = this.inside?.take(this.computation.gatherer.rowIndex);
    refs.release(left);
  }
}
