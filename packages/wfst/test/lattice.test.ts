import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Holder, readTable, tableBytes } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import {
  CompactLatticeBuilder,
  compactLatticeHolder,
  fstHolder,
  latticeBytes,
  latticeHolder,
  latticeOf,
  readCompactLattices,
  readLattices,
} from '@jebena/wfst';
import { shared, testShared } from '../../../test/support/shared.js';

/** Reads an archive, writes it again and compares the bytes. */
async function expectSameBytes<V>(holder: Holder<V>, name: string, binary: boolean): Promise<number> {
  const bytes = readFileSync(shared('golden', name));
  const items = await collect(readTable(holder, [bytes], { path: name }));
  const again = await tableBytes(holder, items, { binary });
  expect(Buffer.from(again).equals(bytes)).toBe(true);
  return items.length;
}

testShared("Kaldi's compact lattices are read and written byte for byte", async () => {
  for (const name of ['decode/lat.ark', 'noisy/lat.ark', 'noisy/tri.lat.ark', 'hybrid/disc/den.lat.ark'])
    expect(await expectSameBytes(compactLatticeHolder, name, true)).toBeGreaterThan(0);
});

testShared("Kaldi's plain lattices are read and written byte for byte", async () => {
  for (const name of ['decode/lat.raw.ark', 'noisy/lat.raw.ark'])
    expect(await expectSameBytes(latticeHolder, name, true)).toBeGreaterThan(0);
});

testShared("Kaldi's lattices in text are read and written byte for byte", async () => {
  const names = [
    'decode/lat.txt',
    'decode/lat.pruned.txt',
    'noisy/lat.txt',
    'noisy/lat.penalty.txt',
    'noisy/1best.txt',
  ];
  for (const name of [...names, 'noisy/tri.boosted.txt', 'hybrid/lstmp.lat.txt'])
    expect(await expectSameBytes(compactLatticeHolder, name, false)).toBeGreaterThan(0);
});

testShared('the text form of a binary archive is the one that Kaldi wrote', async () => {
  const items = await collect(readCompactLattices([readFileSync(shared('golden/noisy/lat.ark'))]));
  const text = await tableBytes(compactLatticeHolder, items, { binary: false });
  expect(Buffer.from(text).equals(readFileSync(shared('golden/noisy/lat.txt')))).toBe(true);
});

testShared('training graphs are read and written byte for byte', async () => {
  expect(await expectSameBytes(fstHolder, 'hmm/train_graphs.ark', true)).toBe(6);
});

testShared('a compact lattice written out and joined again is the same', async () => {
  const archive = readFileSync(shared('golden/noisy/lat.ark'));
  const compact = await collect(readCompactLattices([archive]));
  const plain = await tableBytes(latticeHolder, compact);
  for (const [i, [key, lattice]] of (await collect(readLattices([plain]))).entries()) {
    expect(key).toBe(compact[i]![0]);
    const words = (of: ArrayLike<number>): number[] => Array.from(of).filter((w) => w !== 0);
    expect(words(lattice.olabel).sort()).toEqual(words(compact[i]![1].label).sort());
  }
  const joined = await collect(readCompactLattices([plain]));
  expect(joined.map(([, l]) => l.transitionIds.length + l.finalTransitionIds.length)).toEqual(
    compact.map(([, l]) => l.transitionIds.length + l.finalTransitionIds.length),
  );
});

test('states and arcs may come in any order; a torn lattice says where it is torn', async () => {
  const b = new CompactLatticeBuilder();
  b.ensureStates(3);
  b.setStart(0);
  b.addArc(1, { label: 5, graphCost: 1, acousticCost: -2, transitionIds: [4, 5], nextState: 2 });
  b.addArc(0, { label: 6, graphCost: 0.5, acousticCost: 0, transitionIds: [], nextState: 1 });
  b.setFinal(2, 0.25, 0, [9]);
  const lattice = b.build();
  expect(Array.from(lattice.label)).toEqual([6, 5]);
  expect(Array.from(lattice.string(1))).toEqual([4, 5]);
  expect(Array.from(lattice.finalString(2))).toEqual([9]);
  expect(Array.from(latticeOf(lattice).ilabel)).toEqual([0, 4, 9, 5]);
  const bytes = Buffer.concat([Buffer.from('utt '), latticeBytes(lattice)]);
  await expect(collect(readCompactLattices([bytes.subarray(0, 150)], { path: 'lat.ark' }))).rejects.toThrow(
    /lat\.ark, key 'utt', byte \d+: expected .* bytes/,
  );
});
