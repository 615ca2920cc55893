import type { Engine, Tensor } from '@jebena/engine';
import type { Computation } from './computation.js';
import { Derivative } from './derivative.js';
import type { GradientSink } from './gradient-sink.js';
import type { LoadedComponent } from './loaded-component.js';
import type { ProjectStep, Slot } from './plan/plan.js';
import type { References } from './references.js';
import type { RowMap } from './row-map.js';

interface Member {
  readonly loaded: LoadedComponent;
  readonly weights: string;
  readonly bias: string | undefined;
}

/**
 * An affine inside a recurrence (or several that read the same), taken apart: what comes from outside the recurrence is multiplied for all frames
 * at once, what comes from inside step by step, and the gradient of the weights is one product after the loop.
 */
export class Projection {
  private readonly engine: Engine;
  private readonly members: readonly Member[];
  /** Columns of what each member gives. */
  readonly dims: readonly number[];
  private readonly insideDim: number;
  /** Tells layouts apart. */
  private readonly columns: string;
  /** The inputs from inside, gathered as the backward pass meets them. */
  private inside: Derivative | undefined;

  constructor(
    private readonly computation: Computation,
    private readonly step: ProjectStep,
    private readonly slot: Slot,
  ) {
    this.engine = computation.engine;
    this.members = step.components.map((name) => {
      const loaded = computation.components.get(name)!;
      return { loaded, ...loaded.component.affine! };
    });
    this.dims = this.members.map(({ loaded }) => loaded.component.outputDim);
    this.columns = step.layout.map((l) => (l.outside ? 'o' : 'i') + l.dim).join('');
    this.insideDim = step.layout.reduce((sum, l) => sum + (l.outside ? 0 : l.dim), 0);
  }

  private get rows(): number {
    return this.slot.indexes.length * this.computation.plan.sequences;
  }

  /** The columns of the weights for the inputs from outside (or inside); one member's rows below the other's. */
  weights(outside: boolean): Tensor {
    const { members, engine } = this;
    if (members.length === 1) return this.weightsOf(members[0]!, outside);
    const wholes = members.map(({ loaded, weights }) => loaded.tensors[weights]!);
    return this.joint(`${outside ? 'outside' : 'inside'} ${this.columns}`, wholes, () =>
      engine.concatRows(members.map((member) => this.weightsOf(member, outside))),
    );
  }

  private weightsOf({ loaded, weights }: Member, outside: boolean): Tensor {
    const { engine } = this;
    const { layout } = this.step;
    const whole = loaded.tensors[weights]!;
    if (layout.every((l) => l.outside === outside)) return whole;
    return loaded.derived(`${outside ? 'outside' : 'inside'} ${this.columns}`, () =>
      engine.tidy(() => {
        let at = 0;
        const pieces: Tensor[] = [];
        for (const { outside: from, dim } of layout) {
          if (from === outside) pieces.push(engine.sliceCols(whole, at, dim));
          at += dim;
        }
        return pieces.length === 1 ? pieces[0]! : engine.concatCols(pieces);
      }),
    );
  }

  private bias(): Tensor | undefined {
    const { engine, members } = this;
    const all = members.flatMap(({ loaded, bias }) => (bias === undefined ? [] : [loaded.tensors[bias]!]));
    return all.length > 1 ? this.joint('bias', all, () => engine.concatCols(all)) : all[0];
  }

  private joint(name: string, of: readonly Tensor[], make: () => Tensor): Tensor {
    const [{ loaded }] = this.members as [Member];
    return loaded.joint(`${name} ${this.step.components.join(' ')}`, of, () => this.engine.tidy(make));
  }

  /**
   * The derivative of the inputs from outside (or inside), from those of what the members give; one must be there. It is
   * added to `sum`, in place, where that is given.
   */
  inputDerivative(dys: readonly (Tensor | undefined)[], outside: boolean, refs: References, sum?: Tensor): Tensor {
    const { engine } = this;
    let dx = sum;
    dys.forEach((dy, k) => {
      if (!dy) return;
      const weights = this.weightsOf(this.members[k]!, outside);
      if (dx) refs.surrender(dx);
      dx = refs.own(dx ? engine.intoAddMatmul(dx, dy, weights) : engine.matmul(dy, weights));
    });
    return dx!;
  }

  forward(values: readonly (Tensor | undefined)[], refs: References): Tensor {
    const x = this.computation.gatherer.gather(this.step.input, values, refs);
    const y = refs.own(this.engine.affine(x, this.weights(true), this.bias()));
    refs.release(x);
    return y;
  }

  /** Holds the input from inside of some frames; takes over the reference. */
  remember(x: Tensor, map: RowMap, refs: References): void {
    this.inside ??= new Derivative(this.engine, refs, this.slot.indexes.length, this.rows, this.insideDim);
    this.inside.add(x, map);
  }

  backward(
    dys: readonly (Tensor | undefined)[],
    values: readonly (Tensor | undefined)[],
    sums: readonly (Derivative | undefined)[],
    sinks: readonly (GradientSink | undefined)[],
    refs: References,
  ): void {
    const { engine, step } = this;
    const { gatherer } = this.computation;
    if (sinks.some((sink) => sink)) {
      const blocks = this.wholeInput(values, refs);
      const x = blocks.length === 1 ? blocks[0]! : blocks;
      engine.tidy(() =>
        this.members.forEach(({ weights, bias }, k) => {
          const dy = dys[k];
          if (dy) sinks[k]?.affine(weights, bias, x, dy);
        }),
      );
      for (const block of blocks) refs.release(block);
    }
    const wanted = step.input.parts.some((p) => p.leaves.some((leaf) => sums[leaf.slot]));
    if (!wanted) return;
    const dx = this.inputDerivative(dys, true, refs);
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
