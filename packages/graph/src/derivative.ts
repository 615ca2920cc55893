import type { Engine, Tensor } from '@jebena/engine';
import { type MakeRowIndex, type RowMap, unmapRows } from './row-map.js';
import type { References } from './references.js';

interface Piece {
  readonly map: RowMap;
  readonly tensor: Tensor;
}

interface Columns {
  readonly start: number;
  readonly count: number;
}

/**
 * Adds up the derivative of a matrix from what its readers hand back. Runs of rows that do not overlap, such as the
 * steps of a recurrence, are joined in one go instead of being added one by one to a matrix of zeros.
 */
export class Derivative {
  private readonly byColumns = new Map<string, { columns: Columns; pieces: Piece[] }>();

  constructor(
    private readonly engine: Engine,
    private readonly references: References,
    private readonly blocks: number,
    private readonly rows: number,
    private readonly cols: number,
  ) {}

  /** Takes over one reference to `tensor`. */
  add(tensor: Tensor, map: RowMap, columns: Columns = { start: 0, count: this.cols }): void {
    const key = `${columns.start} ${columns.count}`;
    const found = this.byColumns.get(key);
    const piece = { map, tensor };
    if (found) found.pieces.push(piece);
    else this.byColumns.set(key, { columns, pieces: [piece] });
  }

  get empty(): boolean {
    return this.byColumns.size === 0;
  }

  /** The sum; the caller has the reference. Undefined where nothing was added. */
  take(rowIndex: MakeRowIndex): Tensor | undefined {
    const groups = Array.from(this.byColumns.values(), ({ columns, pieces }) => ({
      columns,
      tensor: this.joinRows(pieces, columns.count, rowIndex),
    }));
    this.byColumns.clear();
    if (groups.length === 0) return undefined;
    // Ranges of columns that do not overlap stand side by side; others are added.
    groups.sort((a, b) => a.columns.start - b.columns.start || b.columns.count - a.columns.count);
    let sum: Tensor | undefined;
    let rest = groups;
    while (rest.length) {
      const layer: Tensor[] = [];
      const later: typeof rest = [];
      let at = 0;
      const zeros = (to: number): void => {
        if (to > at) layer.push(this.references.own(this.engine.zeros(this.rows, to - at)));
      };
      for (const group of rest) {
        if (group.columns.start < at) {
          later.push(group);
          continue;
        }
        zeros(group.columns.start);
        layer.push(group.tensor);
        at = group.columns.start + group.columns.count;
      }
      zeros(this.cols);
      const joined = this.join(layer, (parts) => this.engine.concatCols(parts));
      sum = sum ? this.references.addInto(sum, joined) : joined;
      rest = later;
    }
    return sum;
  }

  private join(parts: readonly Tensor[], concat: (parts: readonly Tensor[]) => Tensor): Tensor {
    if (parts.length === 1) return parts[0]!;
    const joined = this.references.own(concat(parts));
    for (const part of parts) this.references.release(part);
    return joined;
  }

  private joinRows(pieces: readonly Piece[], cols: number, rowIndex: MakeRowIndex): Tensor {
    let sum: Tensor | undefined;
    const take = (t: Tensor): void => {
      sum = sum ? this.references.addInto(sum, t) : t;
    };
    const size = this.rows / this.blocks;
    let slices: { start: number; end: number; tensor: Tensor }[] = [];
    for (const { map, tensor } of pieces) {
      if (map.kind === 'identity') take(tensor);
      else if (map.kind === 'slice')
        slices.push({ start: map.start * size, end: (map.start + map.blocks) * size, tensor });
      else {
        const spread = this.references.own(unmapRows(this.engine, tensor, map, rowIndex));
        this.references.release(tensor);
        take(spread);
      }
    }
    slices.sort((a, b) => a.start - b.start);
    while (slices.length) {
      const layer: Tensor[] = [];
      const later: typeof slices = [];
      let at = 0;
      const zeros = (to: number): void => {
        if (to > at) layer.push(this.references.own(this.engine.zeros(to - at, cols)));
      };
      for (const slice of slices) {
        if (slice.start < at) {
          later.push(slice);
          continue;
        }
        zeros(slice.start);
        layer.push(slice.tensor);
        at = slice.end;
      }
      zeros(this.rows);
      take(this.join(layer, (parts) => this.engine.concatRows(parts)));
      slices = later;
    }
    return sum!;
  }
}
