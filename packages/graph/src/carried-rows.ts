import type { Engine, RowIndex, Tensor } from '@jebena/engine';

/** A stream among those that carry rows together. */
export interface Carrier {
  carried: CarriedRows | undefined;
  /** Which of them it is. */
  place: number;
}

/**
 * What streams that were computed together carry to their next chunks: rows of nodes, those of one time next to each
 * other. They stay together, at no cost, as long as the same streams come in the same order; when half of them have
 * left, the rows of the others are brought together, so that a stream that waits never holds much of others'.
 */
export class CarriedRows {
  private members: readonly (Carrier | undefined)[];
  private alive: number;

  private constructor(
    private readonly engine: Engine,
    private tensors: ReadonlyMap<string, Tensor>,
    carriers: readonly Carrier[],
    private readonly width: number,
  ) {
    this.members = [...carriers];
    this.alive = carriers.length;
  }

  /**
   * Gives streams the rows that they carry from now on.
   *
   * @param tensors rows by node; they are freed when the streams leave them
   * @param width sequences of each stream
   */
  static hold(engine: Engine, tensors: ReadonlyMap<string, Tensor>, carriers: readonly Carrier[], width: number): void {
    const rows = new CarriedRows(engine, tensors, carriers, width);
    carriers.forEach((carrier, place) => {
      carrier.carried = rows;
      carrier.place = place;
    });
  }

  /** The rows as they are, where they are those of just these streams in their order; they stay this object's. */
  static whole(carriers: readonly Carrier[]): ReadonlyMap<string, Tensor> | undefined {
    const rows = carriers[0]?.carried;
    return rows?.members.length === carriers.length && carriers.every((c, i) => rows.members[i] === c)
      ? rows.tensors
      : undefined;
  }

  /** A copy of the rows of streams that stand at the same step, in their order; the caller's to dispose. */
  static gather(engine: Engine, carriers: readonly Carrier[]): Map<string, Tensor> {
    const groups = [...new Set(carriers.map((c) => c.carried!))];
    const tensors = new Map<string, Tensor>();
    const indexes = new Map<number, RowIndex>();
    for (const [node, { rows }] of groups[0]!.tensors) {
      const times = rows / groups[0]!.columns;
      let index = indexes.get(times);
      if (!index) indexes.set(times, (index = engine.rowIndex(gatherIndex(carriers, groups, times))));
      const parts = groups.map((g) => g.tensors.get(node)!);
      const all = parts.length === 1 ? parts[0]! : engine.concatRows(parts);
      tensors.set(node, engine.gatherRows(all, index));
      if (parts.length > 1) engine.dispose(all);
    }
    engine.dispose(...indexes.values());
    return tensors;
  }

  /** Streams that no longer need what they carry. */
  static leave(carriers: readonly Carrier[]): void {
    const touched = new Map<CarriedRows, Set<Carrier>>();
    for (const carrier of carriers) {
      const rows = carrier.carried;
      if (!rows) continue;
      touched.set(rows, (touched.get(rows) ?? new Set()).add(carrier));
      carrier.carried = undefined;
    }
    for (const [rows, leaving] of touched) rows.without(leaving);
  }

  private without(leaving: ReadonlySet<Carrier>): void {
    const { engine } = this;
    this.members = this.members.map((m) => (m && leaving.has(m) ? undefined : m));
    this.alive -= leaving.size;
    if (2 * this.alive > this.members.length) return;
    const left = this.members.filter((m) => m !== undefined);
    const tensors = left.length > 0 ? CarriedRows.gather(engine, left) : new Map<string, Tensor>();
    engine.dispose(...this.tensors.values());
    this.tensors = tensors;
    this.members = left;
    left.forEach((carrier, place) => (carrier.place = place));
  }

  /** @internal Rows of one time. */
  get columns(): number {
    return this.members.length * this.width;
  }

  /** @internal Sequences of each stream. */
  get sequences(): number {
    return this.width;
  }
}

/** Where each row is among those of the groups, one group below the other. */
function gatherIndex(carriers: readonly Carrier[], groups: readonly CarriedRows[], times: number): Int32Array {
  const starts = new Map<CarriedRows, number>();
  let rows = 0;
  for (const group of groups) {
    starts.set(group, rows);
    rows += times * group.columns;
  }
  const width = groups[0]!.sequences;
  const index = new Int32Array(times * carriers.length * width);
  let at = 0;
  for (let t = 0; t < times; t++)
    for (const { carried, place } of carriers)
      for (let s = 0; s < width; s++) index[at++] = starts.get(carried!)! + t * carried!.columns + place * width + s;
  return index;
}
