import * as fc from 'fast-check';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';
import { memoryStorage } from '@jebena/io-ark';
import { collect, mapValues } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import {
  type Fst,
  arcSort,
  formatFst,
  parseFst,
  readCompactLattices,
  readFst,
  readFsts,
  writeFst,
  writeFsts,
} from '@jebena/wfst';
import { randomFst } from './support/random-fst.js';

test('a table of machines goes through a pipeline, in both forms', async () => {
  const storage = memoryStorage();
  const machines = fc.sample(randomFst({ acyclic: false }), { numRuns: 5, seed: 3 });
  const items = machines.map((fst, i) => [`m${i}`, fst] as const);
  const sort = mapValues((fst: Fst) => arcSort(fst));
  for (const form of ['ark', 'ark,t']) {
    const count = await pipe(items, sort, writeFsts(`${form}:x`, { storage }));
    expect(count).toBe(5);
    const read = await collect(pipe(readFsts('ark:x', { storage }), sort));
    expect(read.map(([key]) => key)).toEqual(items.map(([key]) => key));
    if (form === 'ark')
      expect(read.map(([, fst]) => formatFst(fst))).toEqual(machines.map((fst) => formatFst(arcSort(fst))));
  }
});

test('operations are stages through mapValues', () =>
  testStage({
    make: (options) => mapValues((text: string) => formatFst(arcSort(parseFst(text))), options),
    items: [
      ['a', '0 1 2 2\n0 1 1 1\n1\n'],
      ['b', '0\n'],
    ] as const,
    abortable: true,
  }));

test('a state that no text is long enough for is refused before it takes memory', async () => {
  for (const [read, text] of [
    [readFsts, 'a \n0 1999999999 1 1\n1\n\n'],
    [readCompactLattices, 'a \n0 1999999999 1 1,2,3_4\n1\n\n'],
  ] as const)
    await expect(collect<unknown>(read([Buffer.from(text)], { path: 'x' }))).rejects.toThrow(/x, .*expected a state/);
});

test('damaged files are refused or read as something whole, never worse', () => {
  const type = fc.constantFrom('vector', 'const', 'compact_acceptor');
  fc.assert(
    fc.property(randomFst({ acceptor: true }), type, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (fst, type, damage) => {
      const bytes = writeFst(fst, { type }).slice();
      for (const [at, value] of damage) bytes[at % bytes.length] = value;
      try {
        const read = readFst(bytes);
        expect(read.nextState.every((s) => s >= 0 && s < read.numStates)).toBe(true);
        expect(read.firstArc[read.numStates]).toBe(read.numArcs);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_KALDI_IO' });
      }
    }),
    { numRuns: 500 },
  );
});
