import type { Engine, Tensor } from '@jebena/engine';
import { type MakeRowIndex, type RowMap, unmapRows } from './row-map.js';
import type { References } from './references.js';

interface Piece {
  readonly map: RowMap;
  readonly tensor: Tensor;
  /** What it is multiplied by when it is added. */
  readonly scale: number;
}

export interface Columns {
  readonly start: number;
  readonly count: number;
}

/** What belongs to some of the columns. */
export interface Group {
  readonly columns: Columns;
  readonly tensor: Tensor;
}

const keyOf = ({ start, count }: Columns): number => start * 2 ** 26 + count;

/**
 * Adds up the derivative of a matrix from what its readers hand back. Runs of rows that do not overlap, such as the
 * steps of a recurrence, are joined in one go instead of being added one by one to a matrix of zeros.
 */
export class Derivative {
  private readonly byColumns = new Map<number, { columns: Columns; pieces: Piece[] }>();

  constructor(
    private readonly engine: Engine,
    private readonly references: References,
    private readonly blocks: number,
    private readonly rows: number,
    private readonly cols: number,
  ) {}

  /** Takes over one reference to `tensor`. */
  add(tensor: Tensor, map: RowMap, columns: Columns = { start: 0, count: this.cols }, scale = 1): void {
    const key = keyOf(columns);
    const found = this.byColumns.get(key);
    const piece = { map, tensor, scale };
    if (found) found.pieces.push(piece);
    else this.byColumns.set(key, { columns, pieces: [piece] });
  }

  /** What was added for all rows and columns, where that is one matrix that nobody else holds: to be added to in place. */
  takeAlone(): Tensor | undefined {
    const key = keyOf({ start: 0, count: this.cols });
    const pieces = this.byColumns.get(key)?.pieces;
    if (pieces?.length !== 1) return undefined;
    const { map, tensor, scale } = pieces[0]!;
    if (map.kind !== 'identity' || scale !== 1 || this.references.shared(tensor)) return undefined;
    this.byColumns.delete(key);
    return tensor;
  }

  /** The sum; the caller has the reference. Undefined where nothing was added. */
  take(rowIndex: MakeRowIndex): Tensor | undefined {
    const groups = this.groups(rowIndex);
    if (groups.length === 1 && groups[0]!.columns.count === this.cols) return groups[0]!.tensor;
    return groups.length === 0 ? undefined : this.joinColumns(groups);
  }

  /** The same by columns, where those that were added do not overlap; columns of which there are none are zero. */
  takeByColumns(rowIndex: MakeRowIndex): readonly Group[] {
    const groups = this.groups(rowIndex);
    const apart = groups.every(({ columns: { start } }, i) => {
      const before = groups[i - 1]?.columns;
      return !before || before.start + before.count <= start;
    });
    return apart ? groups : [{ columns: { start: 0, count: this.cols }, tensor: this.joinColumns(groups) }];
  }

  /** The same in parts of so many columns; undefined for a part of zeros. Undefined as a whole where they are not what was added. */
  takeParts(dims: readonly number[], rowIndex: MakeRowIndex): (Tensor | undefined)[] | undefined {
    let at = 0;
    const keys = dims.map((dim) => keyOf({ start: (at += dim) - dim, count: dim }));
    for (const key of this.byColumns.keys()) if (!keys.includes(key)) return undefined;
    const groups = this.groups(rowIndex);
    return keys.map((key) => groups.find(({ columns }) => keyOf(columns) === key)?.tensor);
  }

  private groups(rowIndex: MakeRowIndex): Group[] {
    const groups: Group[] = [];
    for (const { columns, pieces } of this.byColumns.values())
      groups.push({ columns, tensor: this.joinRows(pieces, columns.count, rowIndex) });
    this.byColumns.clear();
    if (groups.length <= 1) return groups;
    return groups.sort((a, b) => a.columns.start - b.columns.start || b.columns.count - a.columns.count);
  }

  /** Ranges of columns that do not overlap stand side by side; others are added. */
  private joinColumns(groups: readonly Group[]): Tensor {
    let sum: Tensor | undefined;
    let rest = groups;
    while (rest.length) {
      const layer: Tensor[] = [];
      const later: Group[] = [];
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
    return sum!;
  }

  private join(parts: readonly Tensor[], concat: (parts: readonly Tensor[]) => Tensor): Tensor {
    if (parts.length === 1) return parts[0]!;
    const joined = this.references.own(concat(parts));
    for (const part of parts) this.references.release(part);
    return joined;
  }

  private joinRows(pieces: readonly Piece[], cols: number, rowIndex: MakeRowIndex): Tensor {
    const [first] = pieces;
    if (pieces.length === 1 && first!.map.kind === 'identity' && first!.scale === 1) return first!.tensor;
    let sum: Tensor | undefined;
    const take = (t: Tensor, scale: number): void => {
      if (sum) sum = this.references.addInto(sum, t, scale);
      else sum = scale === 1 ? t : this.scaled(t, scale);
    };
    const size = this.rows / this.blocks;
    let slices: { start: number; end: number; tensor: Tensor; scale: number }[] = [];
    // Those that are not scaled first: what they add up to can then take the others in.
    for (const { map, tensor, scale } of [...pieces].sort((a, b) => Number(a.scale !== 1) - Number(b.scale !== 1))) {
      if (map.kind === 'identity') take(tensor, scale);
      else if (map.kind === 'slice')
        slices.push({ start: map.start * size, end: (map.start + map.blocks) * size, tensor, scale });
      else {
        const spread = this.references.own(unmapRows(this.engine, tensor, map, rowIndex));
        this.references.release(tensor);
        take(spread, scale);
      }
    }
    // A run of rows is added where it belongs; many, such as the steps of a recurrence, are joined first.
    if (sum && slices.length <= 2) {
      for (const { start, tensor, scale } of slices) sum = this.references.addRowsInto(sum, tensor, start, scale);
      return sum;
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
        layer.push(slice.scale === 1 ? slice.tensor : this.scaled(slice.tensor, slice.scale));
        at = slice.end;
      }
      zeros(this.rows);
      take(
        this.join(layer, (parts) => this.engine.concatRows(parts)),
        1,
      );
      slices = later;
    }
    return sum!;
  }

  private scaled(t: Tensor, scale: number): Tensor {
    const scaled = this.references.own(this.engine.scale(t, scale));
    this.references.release(t);
    return scaled;
  }
}
