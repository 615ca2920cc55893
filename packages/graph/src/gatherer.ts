import { type Engine, type Normalizer, normalize, type RowIndex, type Tensor } from '@jebena/engine';
import type { Derivative } from './derivative.js';
import type { Gather, Leaf, Part } from './plan/plan.js';
import type { References } from './references.js';
import { mapRows } from './row-map.js';

/** What is yet to be normalised, by slot. */
export type Pending = ReadonlyMap<number, Normalizer>;

/** Brings together what a step reads, and takes its derivative apart again. */
export class Gatherer {
  private readonly indexes = new Map<Int32Array, RowIndex>();
  private readonly masks = new Map<Float32Array, Tensor>();

  constructor(
    private readonly engine: Engine,
    private readonly sequences: number,
  ) {}

  readonly rowIndex = (rows: Int32Array): RowIndex => {
    let index = this.indexes.get(rows);
    if (!index) this.indexes.set(rows, (index = this.engine.keep(this.engine.rowIndex(rows))));
    return index;
  };

  dispose(): void {
    this.engine.dispose(...this.indexes.values(), ...this.masks.values());
    this.indexes.clear();
    this.masks.clear();
  }

  /** The whole input of a step, held once. It may be a slot's own tensor. */
  gather(gather: Gather, values: readonly (Tensor | undefined)[], refs: References, pending?: Pending): Tensor {
    const parts = this.parts(gather, values, refs, pending);
    if (parts.length === 1) return parts[0]!;
    const joined = refs.own(this.engine.concatCols(parts));
    for (const part of parts) refs.release(part);
    return joined;
  }

  /** The input's parts, each held once. */
  parts(gather: Gather, values: readonly (Tensor | undefined)[], refs: References, pending?: Pending): Tensor[] {
    return gather.parts.map((part) => this.part(part, gather.blocks, values, refs, pending));
  }

  part(
    part: Part,
    blocks: number,
    values: readonly (Tensor | undefined)[],
    refs: References,
    pending?: Pending,
  ): Tensor {
    const { engine } = this;
    for (const { slot } of part.leaves)
      if (pending?.has(slot)) return this.normalized(part, slot, values, refs, pending);
    const [first] = part.leaves;
    if (part.leaves.length === 1 && part.constants.length === 0 && first!.scale === 1)
      return this.leaf(first!, values, refs);
    const rows = blocks * this.sequences;
    let sum: Tensor | undefined;
    // Those that are not scaled first: then a sum takes one pass a leaf.
    const leaves = [...part.leaves].sort((a, b) => Number(a.scale !== 1) - Number(b.scale !== 1));
    for (const leaf of leaves) {
      const t = this.leaf(leaf, values, refs);
      if (!sum) {
        if (leaf.scale === 1) sum = t;
        else {
          sum = refs.own(engine.scale(t, leaf.scale));
          refs.release(t);
        }
      } else if (leaf.scale === 1) sum = refs.addInto(sum, t);
      else {
        const next: Tensor = refs.shared(sum)
          ? engine.addScaled(sum, t, leaf.scale)
          : engine.intoAddScaled(sum, t, leaf.scale);
        if (refs.shared(sum)) refs.release(sum);
        else refs.surrender(sum);
        sum = refs.own(next);
        refs.release(t);
      }
    }
    for (const { value, blocks: where } of part.constants) {
      const t = refs.own(engine.full(rows, part.dim, value));
      if (!where) {
        sum = sum ? refs.addInto(sum, t) : t;
        continue;
      }
      const masked = refs.own(engine.binary('mul', t, this.mask(where)));
      refs.release(t);
      sum = sum ? refs.addInto(sum, masked) : masked;
    }
    return sum ?? refs.own(engine.zeros(rows, part.dim));
  }

  /** The sum of what is yet to be normalised and another leaf, in one pass over memory. */
  private normalized(
    { leaves }: Part,
    slot: number,
    values: readonly (Tensor | undefined)[],
    refs: References,
    pending: Pending,
  ): Tensor {
    const other = leaves.find((leaf) => leaf.slot !== slot)!;
    const of = this.leaf(other, values, refs);
    const sum = normalize(this.engine, values[slot]!, pending.get(slot)!, { of, factor: other.scale });
    refs.release(of);
    return refs.own(sum);
  }

  private mask(blocks: Float32Array): Tensor {
    let t = this.masks.get(blocks);
    if (!t) {
      const { sequences } = this;
      const data = Float32Array.from(
        { length: blocks.length * sequences },
        (_, i) => blocks[Math.floor(i / sequences)]!,
      );
      this.masks.set(blocks, (t = this.engine.keep(this.engine.tensor(data.length, 1, data))));
    }
    return t;
  }

  leaf({ slot, map, cols }: Leaf, values: readonly (Tensor | undefined)[], refs: References): Tensor {
    const { engine } = this;
    const value = values[slot]!;
    const rows = mapRows(engine, value, map, this.rowIndex);
    refs.own(rows);
    if (!cols) return rows;
    const columns = refs.own(engine.sliceCols(rows, cols.start, cols.count));
    refs.release(rows);
    return columns;
  }

  /** Hands the derivative of a gathered input on to the slots it came from. The caller keeps its reference. */
  scatter(gather: Gather, dx: Tensor, derivatives: readonly (Derivative | undefined)[], refs: References): void {
    let at = 0;
    for (const part of gather.parts) {
      const wanted = part.leaves.filter((leaf) => derivatives[leaf.slot]);
      if (wanted.length) {
        const whole = part.dim === dx.cols;
        const d = refs.own(whole ? dx : this.engine.sliceCols(dx, at, part.dim));
        for (const leaf of wanted) this.give(leaf, d, derivatives[leaf.slot]!, refs);
        refs.release(d);
      }
      at += part.dim;
    }
  }

  /** The same for the derivatives of the parts. */
  scatterParts(
    { parts }: Gather,
    dxs: readonly Tensor[],
    derivatives: readonly (Derivative | undefined)[],
    refs: References,
  ): void {
    parts.forEach((part, i) => {
      for (const leaf of part.leaves) {
        const to = derivatives[leaf.slot];
        if (to) this.give(leaf, dxs[i]!, to, refs);
      }
    });
  }

  private give({ map, scale, cols }: Leaf, d: Tensor, to: Derivative, refs: References): void {
    to.add(refs.own(d), map, cols, scale);
  }
}
