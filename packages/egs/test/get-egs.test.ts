import {
  Chunker,
  chunks,
  type ChunkOptions,
  type Example,
  fromMinibatch,
  fromNnetExample,
  mergeExamples,
  mergeNnetExamples,
  type NnetExample,
  nnetExampleHolder,
  Random,
  SplitStatistics,
  toMinibatch,
  toNnetExample,
  type UtteranceExample,
  UtteranceSplitter,
  withTargets,
} from '@jebena/egs';
import { matrixHolder, posteriorHolder, readTable, tableBytes } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { readFileSync } from 'node:fs';
import { pipe } from 'it-pipe';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.ts';

const file = (name: string): Uint8Array => readFileSync(shared('golden', 'egs', name));
const corpus = (): Promise<UtteranceExample[]> =>
  pipe(
    readTable(matrixHolder, file('feats.ark')),
    withTargets(readTable(posteriorHolder, file('post.ark')), { dim: 120, lengthTolerance: 0 }),
    collect<UtteranceExample>,
  );
const bytesOf = (key: string, example: NnetExample): Promise<Uint8Array> =>
  tableBytes(nnetExampleHolder, [[key, example] as const]);

const cases: Record<string, ChunkOptions & { compress: boolean }> = {
  case1: { sizes: 8, leftContext: 4, rightContext: 3, compress: false },
  case2: { sizes: [60, 40, 25], leftContext: 10, rightContext: 5, compress: true },
  case3: {
    sizes: [60, 40, 25],
    leftContext: 10,
    rightContext: 5,
    leftContextInitial: 2,
    rightContextFinal: 0,
    compress: false,
  },
  case4: { sizes: 50, overlap: 10, compress: true },
};

for (const [name, { compress, ...options }] of Object.entries(cases)) {
  testShared(`${name}: chunks at Kaldi's places hold what Kaldi's hold, bit for bit`, async () => {
    const kaldi = await collect(readTable(nnetExampleHolder, file(`${name}.ark`)));
    const sizes = typeof options.sizes === 'number' ? [options.sizes] : options.sizes;
    const splitter = new UtteranceSplitter({ ...options, sizes });
    const chunker = new Chunker(options);
    const statistics = new SplitStatistics();
    let compared = 0;
    for (const utterance of await corpus()) {
      const own = kaldi.filter(([key]) => key.startsWith(`${utterance.key}-`));
      const at = own.map(([key, eg]) => {
        const output = eg.io.find((io) => io.name === 'output')!;
        return [Number(key.slice(utterance.key.length + 1)), output.indexes.n.length] as const;
      });
      // Same sizes as one of the equally good splits.
      const found = at.map(([, size]) => size).sort((a, b) => a - b);
      expect(splitter.splitsFor(utterance.frames).map((split) => split.join())).toContain(found.join());
      const places = splitter.placesAt(utterance.frames, at);
      statistics.add(utterance.frames, places);
      const ours = chunker.cutAt(utterance, places, Random.of(0));
      for (const [i, [key, eg]] of own.entries()) {
        expect(ours[i]!.key).toBe(key);
        const mine = await bytesOf(key, toNnetExample(ours[i]!, { compress }));
        expect([key, Buffer.compare(mine, await bytesOf(key, eg))]).toEqual([key, 0]);
        compared++;
      }
    }
    expect(compared).toBe(kaldi.length);
    expect(statistics.lines()).toEqual(file(`${name}.log`).toString().trim().split('\n'));
  });
}

testShared('conversion there and back, single and merged', async () => {
  const kaldi = (await collect(readTable(nnetExampleHolder, file('case1.ark')))).slice(0, 5);
  const ours = kaldi.map(([key, eg]) => fromNnetExample(key, eg));
  for (const [i, [key, eg]] of kaldi.entries())
    expect(
      Buffer.compare(await bytesOf(key, toNnetExample(ours[i]!, { compress: false })), await bytesOf(key, eg)),
    ).toBe(0);
  const merged = mergeNnetExamples(kaldi.map(([, eg]) => eg));
  const batch = mergeExamples(ours, 'merged-0-5');
  expect(toMinibatch('merged-0-5', merged)).toEqual(batch);
  expect(Buffer.compare(await bytesOf('m', fromMinibatch(batch)), await bytesOf('m', merged))).toBe(0);
});

testShared('what cannot be converted is refused', async () => {
  const [[key, eg]] = (await collect(readTable(nnetExampleHolder, file('case1.ark')))) as [Item<NnetExample>];
  const merged = mergeNnetExamples([eg, eg]);
  expect(() => fromNnetExample(key, merged)).toThrow(`'${key}': expected one example, found a minibatch of 2`);
  const { indexes } = eg.io[0]!;
  const uneven = { io: [{ ...eg.io[0]!, indexes: { ...indexes, t: indexes.t.map((t) => t * t) } }] };
  expect(() => toMinibatch(key, uneven)).toThrow("'input': expected");
  const ours: Example = fromNnetExample(key, eg);
  const output = ours.outputs[0]!;
  const unknown = { ...ours, outputs: [{ ...output, targets: { ...output.targets, dim: 0 } }] };
  expect(() => toNnetExample(unknown as Example)).toThrow("output 'output': the number of pdfs must be known");
});

testShared('our own run gives as many chunks of the same utterances', async () => {
  const ours = await pipe(await corpus(), chunks({ sizes: 8, leftContext: 4, rightContext: 3 }), collect<Example>);
  expect(ours.length).toBe(172);
});
