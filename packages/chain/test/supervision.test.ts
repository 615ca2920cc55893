import { mergeSupervisions, type Supervision, supervisionHolder } from '@jebena/chain';
import { readTable, tableBytes } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { type Fst, formatFst, parseFst } from '@jebena/wfst';
import { expect, test } from 'vitest';

const base = { weight: 1, numSequences: 1, framesPerSequence: 2, labelDim: 9 };
/** Two frames; the first state's second way costs 0.5. */
const two = (a: number, b: number): Fst => parseFst(`0 1 ${a} ${a}\n0 1 ${b} ${b} 0.5\n1 2 ${a} ${a}\n2 0.25\n`);
const round = async (s: Supervision, binary: boolean): Promise<Supervision> => {
  const bytes = await tableBytes(supervisionHolder, [['a', s] as const], { binary });
  return (await collect(readTable(supervisionHolder, bytes)))[0]![1];
};
const text = ({ fst, e2eFsts, ...rest }: Supervision): unknown => ({
  ...rest,
  graphs: (e2eFsts ?? [fst!]).map((one) => formatFst(one)),
});

test('every kind of supervision is read back, in both forms', async () => {
  const kinds: Supervision[] = [
    { ...base, fst: two(1, 2) },
    { ...base, fst: two(1, 2), alignmentPdfs: Int32Array.of(3, 4) },
    { ...base, numSequences: 2, e2eFsts: [two(1, 2), two(3, 4)] },
  ];
  for (const kind of kinds)
    for (const binary of [true, false])
      expect(text(await round(kind, binary))).toEqual(text({ alignmentPdfs: undefined, ...kind }));
});

test('merging puts acceptors one after the other and interleaves alignments', () => {
  const merged = mergeSupervisions([
    { ...base, fst: two(1, 2), alignmentPdfs: Int32Array.of(1, 2) },
    { ...base, fst: two(3, 4), alignmentPdfs: Int32Array.of(3, 4) },
  ]);
  expect(merged.numSequences).toBe(2);
  expect(merged.alignmentPdfs).toEqual(Int32Array.of(1, 3, 2, 4));
  // The first one's final cost is paid on the way into the second.
  const arcs = formatFst(merged.fst!)
    .trim()
    .split('\n')
    .map((line) => line.split('\t').slice(2).join(' '));
  expect(arcs.sort()).toEqual(['', '1 1', '1 1', '2 2 0.5', '3 3', '3 3 0.25', '4 4 0.75'].sort());
  const e2e = mergeSupervisions([
    { ...base, e2eFsts: [two(1, 2)] },
    { ...base, e2eFsts: [two(3, 4)] },
  ]);
  expect([e2e.numSequences, e2e.e2eFsts!.length]).toEqual([2, 2]);
});

test('supervisions that do not fit each other are not merged, torn ones not read', async () => {
  const one: Supervision = { ...base, fst: two(1, 2) };
  expect(() => mergeSupervisions([one, { ...one, weight: 2 }])).toThrow('expected weight 1, found 2');
  expect(() => mergeSupervisions([one, { ...base, e2eFsts: [two(1, 2)] }])).toThrow('expected all of one kind');
  const bytes = await tableBytes(supervisionHolder, [['a', one] as const]);
  for (let length = 5; length < bytes.length - 1; length += 3)
    await expect(collect(readTable(supervisionHolder, bytes.subarray(0, length)))).rejects.toThrow(
      /expected .*, found /,
    );
});
