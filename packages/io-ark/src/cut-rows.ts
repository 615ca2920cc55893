import type { Item } from '@jebena/stream';
import type { ByteSource } from './byte-source.js';
import { KaldiIoError } from './errors.js';
import type { Matrix } from './matrix.js';
import type { RandomAccessTable } from './random-access-table.js';
import { readLines } from './segments.js';

export interface CutRowsOptions {
  /** Seconds between rows, if the lines hold times; 0 if they hold row numbers. */
  readonly frameShift?: number | undefined;
  /** What the lines are called in errors. */
  readonly path?: string | undefined;
  /** Told of each line that gives no rows, or fewer than it says, and why; left out, the first is an error. */
  readonly onSkip?: ((error: Error) => void) | undefined;
}

/**
 * Cuts row ranges out of matrices: lines hold `NEW-KEY KEY START END`, the end not included (featbin/extract-rows.cc).
 *
 * @throws KaldiIoError for a line that is none, or whose rows are not there
 */
export async function* cutRows(
  table: RandomAccessTable<Matrix>,
  lines: ByteSource,
  { frameShift = 0, path = 'segments', onSkip }: CutRowsOptions = {},
): AsyncGenerator<Item<Matrix>> {
  for await (const [line, number] of readLines(lines, path)) {
    const [id, key, from, to, ...more] = line.trim().split(/\s+/);
    const row = (text: string | undefined): number =>
      frameShift > 0 ? Math.trunc(Number(text) / Math.fround(frameShift)) : Number(text);
    const [start, end] = [row(from), row(to)];
    const skip = (expected: string, found: string): void => {
      const error = new KaldiIoError(expected, found, { path: `${path}:${number}`, key: id });
      if (!onSkip) throw error;
      onSkip(error);
    };
    if (more.length > 0 || !Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start) {
      skip('NEW-KEY KEY START END', JSON.stringify(line));
      continue;
    }
    const m = await table.get(key!);
    if (!m || m.rows <= start) {
      skip(`rows of ${key} from ${start}`, m ? `${m.rows} rows` : 'no such matrix');
      continue;
    }
    if (m.rows < end) skip(`rows of ${key} to ${end}`, `${m.rows} rows; cut there`);
    const rows = Math.min(m.rows, end) - start;
    yield [id!, { rows, cols: m.cols, data: m.data.slice(start * m.cols, (start + rows) * m.cols) }];
  }
}
