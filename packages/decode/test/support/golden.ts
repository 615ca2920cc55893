import { readFileSync } from 'node:fs';
import { KaldiInput, type Matrix } from '@jebena/io-ark';
import { shared } from '../../../../test/support/shared.js';

/** The lines of a text table below ../shared/golden: key and the rest's fields. */
export const readTextTable = (name: string): Map<string, string[]> =>
  new Map(
    readFileSync(shared('golden', name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [key, ...fields] = line.trim().split(/\s+/);
        return [key!, fields];
      }),
  );

export const readIntTable = (name: string): Map<string, number[]> =>
  new Map(Array.from(readTextTable(name), ([key, fields]) => [key, fields.map(Number)]));

/** A binary archive of full matrices. */
export function readMatrixTable(name: string): Map<string, Matrix> {
  const bytes = readFileSync(shared('golden', name));
  const table = new Map<string, Matrix>();
  for (let offset = 0; offset < bytes.length;) {
    const space = bytes.indexOf(32, offset);
    const input = new KaldiInput(bytes.subarray(space + 1));
    table.set(bytes.subarray(offset, space).toString(), input.readMatrix());
    offset = space + 1 + input.offset;
  }
  return table;
}

/** All values of a table below ../shared/golden, read by `read`. */
export async function table<V>(
  read: (bytes: Uint8Array) => AsyncIterable<readonly [string, V]>,
  name: string,
): Promise<Map<string, V>> {
  const values = new Map<string, V>();
  for await (const [key, value] of read(readFileSync(shared('golden', name)))) values.set(key, value);
  return values;
}
