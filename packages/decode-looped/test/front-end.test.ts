import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrontEnd, type Recogniser, recogniseStream, type RecognitionEvent } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine';
import { accumulateCmvn, emptyCmvnStats, Mfcc } from '@jebena/features';
import { doubleMatrixHolder, KaldiInput } from '@jebena/io-ark';
import { readMatrices } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { expect, test } from 'vitest';
import { readWave } from '@jebena/io-ark';
import { shared, testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, pieces, waves } from './support/chain-model.js';

const folder = chainFolder();

testShared("waves in pieces, normalised as they come, give Kaldi's apply-cmvn-online", async () => {
  const feature = new Mfcc({ dither: 0, sampleFrequency: 8000 });
  const globalStats = doubleMatrixHolder.read(new KaldiInput(readFileSync(shared('golden/feat/global_cmvn.txt'))));
  const options = { normVars: true, cmnWindow: 30, speakerFrames: 20, globalFrames: 10 };
  const speakers = readFileSync(shared('golden/spk2utt'), 'utf8').trim().split('\n');
  for (const [golden, given] of [
    ['mfcc_cmvn_online', {}],
    ['mfcc_cmvn_online2', options],
  ] as const) {
    const expected = new Map(await collect(readMatrices(`ark:${shared('golden/feat', `${golden}.ark`)}`)));
    for (const line of speakers) {
      // The second run of Kaldi was without speakers.
      const speaker = emptyCmvnStats(feature.dim);
      for (const key of line.split(' ').slice(1)) {
        const { sampleRate, channels } = readWave(readFileSync(shared('golden/wav', `${key}.wav`)));
        const cmvn = { globalStats, options: given };
        const speakerStats = golden === 'mfcc_cmvn_online' ? speaker : undefined;
        let frontEnd = new FrontEnd(feature, sampleRate, { cmvn, speakerStats });
        const rows: number[] = [];
        for (const piece of pieces(channels[0]!, 777)) {
          rows.push(...frontEnd.push(piece).data);
          const state = structuredClone(frontEnd.state());
          frontEnd = new FrontEnd(feature, sampleRate, { cmvn, speakerStats, state });
        }
        rows.push(...frontEnd.flush().data);
        const { data } = expected.get(key)!;
        expect(rows.length).toBe(data.length);
        expect(Math.max(...rows.map((v, i) => Math.abs(v - data[i]!)))).toBeLessThan(2e-3);
        accumulateCmvn(speaker, feature.compute(channels[0]!));
      }
    }
  }
});

testShared("a model's folder says how its features are normalised", async () => {
  const engine = await createEngine({ engine: 'tfjs-wasm' });
  const open = (config: string, cmvn: string): Recogniser => {
    fillChainFolder(folder);
    const conf = join(folder, 'recogniser.conf');
    writeFileSync(conf, readFileSync(conf, 'utf8') + config);
    writeFileSync(join(folder, 'cmvn.conf'), cmvn);
    writeFileSync(join(folder, 'global.stats'), ` [\n ${'5 '.repeat(40)}10\n ${'40 '.repeat(40)}0 ]\n`);
    return readRecogniser(folder, engine);
  };
  const [, { channels, sampleRate }] = waves()[0]!;
  const hear = async (recogniser: Recogniser): Promise<RecognitionEvent[]> => {
    const events = await collect(recogniseStream(recogniser, { sampleRate })([channels[0]!]));
    recogniser.dispose();
    return events;
  };
  const plain = await hear(open('', ''));
  const both = '--cmvn-config=cmvn.conf\n--global-cmvn-stats=global.stats\n';
  expect(await hear(open(both, '--norm-means=false\n'))).toEqual(plain);
  // This model was trained on features as they are.
  expect(await hear(open(both, '--cmn-window=300\n'))).not.toEqual(plain);
  expect(() => open('--cmvn-config=cmvn.conf\n', '')).toThrow('expected cmvn-config and global-cmvn-stats, found one');
  expect(() => open(both, '--window=3\n')).toThrow(
    "cmvn.conf, line 1: expected a known --name=value, found '--window=3'",
  );
});

test('a sample that is none is told by its place', () => {
  const frontEnd = new FrontEnd(new Mfcc({ sampleFrequency: 8000 }), 8000);
  frontEnd.push(new Float32Array(100));
  expect(() => frontEnd.push(Float32Array.of(0, Number.NaN))).toThrow(
    'expected finite samples, found NaN at sample 101',
  );
});
