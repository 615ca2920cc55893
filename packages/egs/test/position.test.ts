import { chunks, type Minibatch, minibatches, Position, PositionError, shuffle, withTargets } from '@jebena/egs';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import * as fc from 'fast-check';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

const corpus = Array.from({ length: 40 }, (_, u) => {
  const rows = 20 + ((u * 37) % 60);
  return [`utt${u}`, { rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => u * 1000 + i) }] as const;
});
const alignments = new Map(corpus.map(([key, { rows }]) => [key, Int32Array.from({ length: rows }, (_, t) => t)]));

const batches = (position: Position): AsyncIterable<Minibatch> =>
  pipe(
    corpus.slice(position.taken),
    position.counted<(typeof corpus)[number]>(),
    withTargets(alignments),
    chunks({ sizes: [20, 10], leftContext: 2, seed: 5, position }),
    shuffle({ buffer: 17, seed: 5, position }),
    minibatches({ rule: '20=6,3/10=4', position }),
  );

test('a pipeline that is broken off anywhere goes on with the same minibatches', async () => {
  const whole = await collect(batches(new Position()));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { minLength: 1, maxLength: 4 }), async (stops) => {
      const got: Minibatch[] = [];
      let saved: Uint8Array | undefined;
      for (const stop of stops.sort((a, b) => a - b)) {
        if (got.length >= stop) continue;
        const position = new Position(saved);
        for await (const batch of batches(position)) {
          got.push(batch);
          if (got.length < stop) continue;
          saved = position.save();
          break;
        }
      }
      for await (const batch of batches(new Position(saved))) got.push(batch);
      expect(got).toEqual(whole);
    }),
    { numRuns: 25 },
  );
});

test('what is no position is refused', () => {
  expect(() => new Position(Uint8Array.of(1, 2, 3))).toThrow(PositionError);
  expect(() => new Position(Uint8Array.of(1, 2, 3))).toThrow(
    'expected a saved position, found 3 bytes of something else',
  );
});

test('stages with a position keep the contract', async () => {
  await testStage<number, number>({
    make: (o) => new Position().counted<number>(o),
    items: [1, 2, 3],
    abortable: true,
  });
  await testStage<number, number>({
    make: (o) => shuffle<number>({ buffer: 2, position: new Position(), ...o }),
    items: [1, 2, 3, 4],
    abortable: true,
  });
});
