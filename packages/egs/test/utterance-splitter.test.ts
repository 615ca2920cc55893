import { type ChunkPlace, Random, UtteranceSplitter } from '@jebena/egs';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.ts';

/** Chunks that Kaldi cut, `<utterance> -> [start, size][]`, from a list of keys and sizes. */
function kaldiChunks(file: string): Map<number, [number, number][]> {
  const chunks = new Map<number, [number, number][]>();
  for (const line of readFileSync(shared('golden', 'egs', file), 'utf8')
    .trim()
    .split('\n')) {
    const [, length, start, size] = /^len(\d+)-(\d+) <I1V> (\d+)/.exec(line)!.map(Number);
    if (!chunks.has(length!)) chunks.set(length!, []);
    chunks.get(length!)!.push([start!, size!]);
  }
  return chunks;
}

for (const sizes of [[150, 120, 90, 75], [140, 100, 160], [8]]) {
  testShared(`cuts the sizes that Kaldi cuts: ${sizes.join(',')}`, () => {
    const splitter = new UtteranceSplitter({ sizes });
    const golden = kaldiChunks(`lengths.${sizes.join('_')}.txt`);
    expect(golden.size).toBeGreaterThan(60);
    for (const [length, chunks] of golden) {
      const allowed = splitter.splitsFor(length).map((split) => split.join());
      const found = chunks.map(([, size]) => size).sort((a, b) => a - b);
      expect(allowed, `an utterance of ${length} frames`).toContain(found.join());
    }
    expect(splitter.splitsFor(Math.min(...sizes) - 1)).toEqual([]);
  });

  testShared(`leaves gaps of the sizes that Kaldi leaves: ${sizes.join(',')}`, () => {
    const splitter = new UtteranceSplitter({ sizes });
    const sorted = (split: readonly (readonly [number, number])[]): number[] =>
      split.map(([, size]) => size).sort((a, b) => a - b);
    const gaps = (length: number, chunks: readonly (readonly [number, number])[]): string => {
      const starts = chunks.map(([start]) => start);
      const ends = chunks.map(([start, size]) => start + size);
      const all = [...starts, length].map((start, i) => start - (ends[i - 1] ?? 0));
      return all.every((g) => g >= 0) ? all.sort((a, b) => a - b).join() : `${Math.min(...all) < 0}`;
    };
    for (const [length, chunks] of kaldiChunks(`lengths.${sizes.join('_')}.txt`)) {
      let alike: [number, number][] | undefined;
      for (let seed = 0; seed < 200 && !alike; seed++) {
        const ours = splitter.split(length, Random.of(seed)).map((c): [number, number] => [c.first, c.frames]);
        if (sorted(ours).join() === sorted(chunks).join()) alike = ours;
      }
      expect(alike && gaps(length, alike), `an utterance of ${length} frames`).toBe(gaps(length, chunks));
    }
  });
}

const settings = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    frameSubsamplingFactor: fc.integer({ min: 1, max: 4 }),
    share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    frames: fc.integer({ min: 0, max: 400 }),
    seed: fc.integer(),
  })
  .map(({ share, ...rest }) => ({ ...rest, overlap: Math.floor(share * rest.sizes[0]!) }));

const covered = (chunks: readonly ChunkPlace[], frames: number): Float64Array => {
  const weight = new Float64Array(frames);
  for (const { first, frames: length } of chunks)
    for (let t = first; t < Math.min(first + length, frames); t++) weight[t]!++;
  return weight;
};

test('at most two alternates, every chunk in its place, weights of a frame add up to 1', () => {
  fc.assert(
    fc.property(settings, ({ frames, seed, ...options }) => {
      const splitter = new UtteranceSplitter(options);
      const factor = options.frameSubsamplingFactor;
      const chunks = splitter.split(frames, Random.of(seed));
      const again = splitter.split(frames, Random.of(seed));
      expect(again).toEqual(chunks);
      expect(chunks.length === 0).toBe(frames < Math.min(...splitter.sizes));
      expect(chunks.filter((c) => c.frames !== splitter.sizes[0]).length).toBeLessThanOrEqual(2);
      const rows = Math.ceil(frames / factor);
      const sum = new Float64Array(rows);
      const hit = new Uint8Array(rows);
      let previous = -1;
      for (const { first, frames: length, weights } of chunks) {
        expect(first % factor).toBe(0);
        expect(first).toBeGreaterThan(previous - 1);
        previous = first;
        expect((first + length) / factor).toBeLessThanOrEqual(rows);
        for (let i = 0; i < length / factor; i++) {
          hit[first / factor + i] = 1;
          sum[first / factor + i]! += weights?.[i] ?? 1;
        }
      }
      hit.forEach((h, r) => expect(sum[r]).toBeCloseTo(h, 5));
      // Where anything is lost, nothing is covered twice beyond what was asked for: gaps differ by at most one.
      if (options.overlap === 0 && factor === 1) {
        const weight = covered(chunks, frames);
        if (weight.some((w) => w > 1)) expect(Math.min(...weight)).toBe(1);
      }
    }),
    { numRuns: 150 },
  );
});

test('no frame is lost that a better split would keep', () => {
  fc.assert(
    fc.property(settings, fc.array(fc.nat(3), { maxLength: 2 }), fc.nat(60), ({ frames, ...o }, alternates, n) => {
      const splitter = new UtteranceSplitter({ ...o, overlap: 0 });
      const { sizes } = splitter;
      const drawn = splitter.splitsFor(frames);
      const rival = [...alternates.map((a) => sizes[a % sizes.length]!), ...Array<number>(n).fill(sizes[0]!)];
      if (rival.length === 0 || Math.max(...rival) > frames) return;
      const cost = (split: readonly number[]): number => {
        const total = split.reduce((a, b) => a + b, 0);
        return total > frames ? total - frames : 2 * (frames - total);
      };
      expect(drawn.length).toBeGreaterThan(0);
      for (const split of drawn) expect(cost(split)).toBeLessThan(cost(rival) + 2);
    }),
    { numRuns: 400 },
  );
});

test('whole utterances', () => {
  const splitter = new UtteranceSplitter({ sizes: [-1], frameSubsamplingFactor: 3 });
  expect(splitter.split(100, Random.of(0))).toEqual([{ first: 0, frames: 102, weights: undefined }]);
  expect(splitter.split(0, Random.of(0))).toEqual([]);
});

test('what cannot be is refused', () => {
  expect(() => new UtteranceSplitter({ sizes: [] })).toThrow(
    "chunk sizes: expected whole numbers above 0, or -1 alone, found ''",
  );
  expect(() => new UtteranceSplitter({ sizes: [10, 0] })).toThrow("found '10,0'");
  expect(() => new UtteranceSplitter({ sizes: [10], overlap: 10 })).toThrow(
    'less than the primary chunk size 10, found 10',
  );
});
