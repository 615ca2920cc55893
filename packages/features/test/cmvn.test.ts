import { readFileSync } from 'node:fs';
import { applyCmvn, cmvn, cmvnStats, cmvnWith, collectCmvnStats } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { expectClose } from './support/close.js';
import { goldenArk } from './support/tables.js';

const feats: Matrix = { rows: 3, cols: 2, data: Float32Array.of(1, 2, 3, 4, 8, 0) };

describe('cmvn', () => {
  testShared("a speaker's statistics are Kaldi's doubles, and so are features normalised with them", async () => {
    const utt2spk = new Map(
      readFileSync(shared('golden', 'utt2spk'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    const mfcc = [...(await goldenArk('feat/mfcc.ark'))] as [string, Matrix][];
    const stats = await collectCmvnStats(mfcc, (key) => utt2spk.get(key)!);
    const golden = await goldenArk('feat/cmvn_spk.ark');
    for (const [speaker, wanted] of golden) {
      const found = stats.get(speaker)!;
      expect(wanted.data).toBeInstanceOf(Float64Array);
      found.data.forEach((x, i) => expect(x).toBeCloseTo(wanted.data[i]!, 9));
    }
    const normalise = cmvnWith((key) => stats.get(utt2spk.get(key)!), { normVars: true });
    for (const [key, found] of await collect(normalise(mfcc)))
      expectClose(found, (await goldenArk('feat/mfcc_cmvn.ark')).get(key)!);
  });

  test('mean and variance become 0 and 1, and back', () => {
    const stats = cmvnStats(feats);
    const normalised = applyCmvn(feats, stats, { normVars: true });
    const again = cmvnStats(normalised);
    expect(Array.from(again.data, (x) => Math.round(x * 1e5) / 1e5 + 0)).toEqual([0, 0, 3, 3, 3, 0]);
    const back = applyCmvn(normalised, stats, { normVars: true, reverse: true });
    back.data.forEach((x, i) => expect(x).toBeCloseTo(feats.data[i]!, 5));
  });

  test('columns can be left out, frames weighted', () => {
    expect([...applyCmvn(feats, cmvnStats(feats), { skipDims: [1] }).data]).toEqual([-3, 2, -1, 4, 4, 0]);
    expect([...cmvnStats(feats, [1, 0, 0.5]).data]).toEqual([5, 2, 1.5, 33, 4, 0]);
  });

  test('statistics that do not fit are refused in one line', () => {
    expect(() => applyCmvn(feats, cmvnStats({ rows: 1, cols: 3, data: new Float32Array(3) }))).toThrow(
      'cmvn: expected features of dimension 3',
    );
    expect(() => applyCmvn(feats, cmvnStats({ rows: 0, cols: 2, data: new Float32Array(0) }))).toThrow(
      'expected statistics of at least 1 frame, found 0',
    );
  });

  test('as a stage', async () => {
    const items: [string, Matrix][] = [
      ['a', feats],
      ['b', feats],
    ];
    await testStage({ make: (o) => cmvn({ ...o, normVars: true }), items, abortable: true });
    expect(await pipe(items, cmvn(), (source) => collect(source))).toHaveLength(2);
  });
});
