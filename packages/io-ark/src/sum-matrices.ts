import { type Item, type Stage, stage } from '@jebena/stream';
import { KaldiIoError } from './errors.js';
import type { AnyMatrix, Matrix } from './matrix.js';
import type { RandomAccessTable } from './random-access-table.js';

const sameSize = (a: AnyMatrix, b: AnyMatrix): boolean => a.rows === b.rows && a.cols === b.cols;
const size = ({ rows, cols }: AnyMatrix): string => `${rows} by ${cols}`;

/** Sums matrices one by one, in double. */
export class MatrixSum {
  #sum: Matrix<Float64Array> | undefined;

  /** @throws KaldiIoError when its size is not that of those before it */
  add(m: AnyMatrix, key?: string): void {
    this.#sum ??= { rows: m.rows, cols: m.cols, data: new Float64Array(m.data.length) };
    if (!sameSize(this.#sum, m)) throw new KaldiIoError(`a matrix of ${size(this.#sum)}`, size(m), { key });
    for (let i = 0; i < m.data.length; i++) this.#sum.data[i]! += m.data[i]!;
  }

  /** The sum so far, scaled; undefined before the first matrix. */
  result(scale: number = 1): Matrix | undefined {
    const { rows, cols, data } = this.#sum ?? {};
    return data && { rows: rows!, cols: cols!, data: Float32Array.from(data, (v) => v * scale) };
  }
}

export interface AddTablesOptions {
  /** Factors of the stream and of each table; 1 by default. */
  readonly scales?: readonly number[];
  /** Told of each matrix that is missing or of another size, and so left out of the sum; left out, it is an error. */
  readonly onSkip?: ((error: KaldiIoError) => void) | undefined;
}

/** Adds to each matrix of a stream those that other tables have under its key. */
export function addTables(
  tables: readonly RandomAccessTable<Matrix>[],
  { scales = [], onSkip }: AddTablesOptions = {},
): Stage<Item<Matrix>, Item<Matrix>> {
  return stage(() => ({
    push: async ([key, m]: Item<Matrix>) => {
      const first = scales[0] ?? 1;
      const sum = { ...m, data: m.data.map((v) => v * first) };
      for (const [i, table] of tables.entries()) {
        const other = await table.get(key);
        if (other && sameSize(sum, other)) {
          const scale = scales[i + 1] ?? 1;
          for (let j = 0; j < other.data.length; j++) sum.data[j]! += Math.fround(scale * other.data[j]!);
          continue;
        }
        const error = new KaldiIoError(`a matrix of ${size(sum)} in table ${i + 2}`, other ? size(other) : 'none', {
          key,
        });
        if (!onSkip) throw error;
        onSkip(error);
      }
      return [[key, sum]];
    },
  }));
}
