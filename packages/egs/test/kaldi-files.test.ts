import {
  mergeableNnetChainExamples,
  mergeableNnetExamples,
  mergeStatistics,
  Merger,
  type NnetChainExample,
  nnetChainExampleHolder,
  type NnetExample,
  nnetExampleHolder,
} from '@jebena/egs';
import { type Holder, isCompressed, readTable, tableBytes, toMatrix } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.ts';

const golden = (...name: string[]): Uint8Array => readFileSync(shared('golden', ...name));
const read = <V>(holder: Holder<V>, bytes: Uint8Array): Promise<Item<V>[]> => collect(readTable(holder, bytes));

for (const [folder, holder] of [
  ['egs', nnetExampleHolder],
  ['chain', nnetChainExampleHolder],
] as const) {
  testShared(`Kaldi's files come back byte for byte: ${folder}`, async () => {
    const names = readdirSync(shared('golden', folder)).filter((name) => /^(case.*|egs.*|merged)\.ark$/.test(name));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const bytes = golden(folder, name);
      const items = await read(holder as Holder<unknown>, bytes);
      const written = await tableBytes(holder as Holder<unknown>, items);
      expect([name, Buffer.compare(written, bytes)]).toEqual([name, 0]);
    }
  });
}

for (const [binary, head, holder] of [
  ['egs/case3.ark', 'egs/case3.head.txt', nnetExampleHolder],
  ['chain/egs.ark', 'chain/egs.head.txt', nnetChainExampleHolder],
] as const) {
  testShared(`text is what Kaldi prints, and reads back: ${binary}`, async () => {
    const items = await read(holder as Holder<unknown>, golden(...binary.split('/')));
    const text = await tableBytes(holder as Holder<unknown>, items, { binary: false });
    const kaldi = golden(...head.split('/'));
    expect(Buffer.compare(text.subarray(0, kaldi.length), kaldi)).toBe(0);
    const again = await read(holder as Holder<unknown>, text);
    expect(Buffer.compare(await tableBytes(holder as Holder<unknown>, again, { binary: false }), text)).toBe(0);
  });
}

testShared('compressed features stay as they are', async () => {
  const items = await read(nnetExampleHolder, golden('egs', 'case2.ark'));
  expect(items.every(([, { io }]) => isCompressed(io[0]!.features))).toBe(true);
});

function mergeAll<E>(items: readonly E[], merger: Merger<E, E>): E[] {
  return [...items.flatMap((item) => merger.push(item)), ...merger.flush()];
}

const logged = (file: string[]): string[] =>
  Buffer.from(golden(...file))
    .toString()
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('nnet3'))
    .map((line) => line.replace(/^LOG \([^)]*\)\S* /, '').replace(/^LOG .*?\) /, ''));

testShared('merges as Kaldi does, and counts as Kaldi logs', async () => {
  const items = await read(nnetExampleHolder, golden('egs', 'case2.ark'));
  const merger = new Merger(mergeableNnetExamples(), { rule: '60=16,8,4/25=8:16/40=1:8', leftOver: 'keep' });
  const ours = mergeAll<Item<NnetExample>>(items, merger);
  const kaldi = await read(nnetExampleHolder, golden('egs', 'case2.merged.ark'));
  // Kaldi goes through what is left in the order of a hash table.
  const bytes = (all: Item<NnetExample>[]): Promise<string[]> =>
    Promise.all(
      all.map(async ([, e]) =>
        Buffer.from(await tableBytes(nnetExampleHolder, [['key', e] as const])).toString('latin1'),
      ),
    );
  expect((await bytes(ours)).sort()).toEqual((await bytes(kaldi)).sort());
  expect(ours.map(([key]) => key.split('-')[1])).toEqual(['0', '1', '2']);
  expect(mergeStatistics(merger.counts.values())).toEqual(logged(['egs', 'merge2.log']));

  const simple = new Merger(mergeableNnetExamples(), { rule: 16, leftOver: 'keep' });
  mergeAll(await read(nnetExampleHolder, golden('egs', 'case1.ark')), simple);
  expect(mergeStatistics(simple.counts.values())).toEqual(logged(['egs', 'merge1.log']));
});

testShared('merges chain examples as Kaldi does', async () => {
  const items = await read(nnetChainExampleHolder, golden('chain', 'egs.ark'));
  const merger = new Merger(mergeableNnetChainExamples(), { rule: '10=8,4,2,1/140=4,2,1/100=4,2,1/80=4,2,1' });
  const ours = mergeAll<Item<NnetChainExample>>(items, merger);
  const kaldi = await read(nnetChainExampleHolder, golden('chain', 'merged.ark'));
  const bytes = (all: Item<NnetChainExample>[]): Promise<string[]> =>
    Promise.all(
      all.map(async ([, e]) =>
        Buffer.from(await tableBytes(nnetChainExampleHolder, [['key', e] as const])).toString('latin1'),
      ),
    );
  expect((await bytes(ours)).sort()).toEqual((await bytes(kaldi)).sort());
  expect(mergeStatistics(merger.counts.values())).toEqual(logged(['chain', 'merge.log']));
});

test('torn and foreign files are refused with their place', async () => {
  const example: NnetExample = {
    io: [
      {
        name: 'input',
        indexes: { n: Int32Array.of(0, 0), t: Int32Array.of(-200, 0), x: Int32Array.of(0, 0) },
        features: { rows: 2, cols: 1, data: Float32Array.of(1, 2) },
      },
    ],
  };
  const bytes = await tableBytes(nnetExampleHolder, [['utt-0', example] as const]);
  expect((await read(nnetExampleHolder, bytes))[0]![1]).toEqual(example);
  for (let length = 7; length < bytes.length - 1; length++)
    await expect(read(nnetExampleHolder, bytes.subarray(0, length))).rejects.toThrow(/input, .*byte \d+: expected/);
  await expect(read(nnetChainExampleHolder, bytes)).rejects.toThrow(
    `input, key 'utt-0', byte 8: expected <Nnet3ChainEg>, found`,
  );
  const short = { io: [{ ...example.io[0]!, features: { rows: 1, cols: 1, data: Float32Array.of(1) } }] };
  const wrong = await tableBytes(nnetExampleHolder, [['utt-0', short] as const]);
  await expect(read(nnetExampleHolder, wrong)).rejects.toThrow(
    "expected 2 rows of 'input', one for each index, found 1",
  );
  expect(toMatrix(example.io[0]!.features).rows).toBe(2);
});
