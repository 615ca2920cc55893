import {
  Mfcc,
  Random,
  additiveNoise,
  augmentSpectrum,
  bandPass,
  convolve,
  directSound,
  drawRoom,
  earlyPower,
  muLawDecode,
  muLawEncode,
  numFrames,
  power,
  rawChunks,
  RawChunks,
  reverberate,
  reverberation,
  roomResponse,
  specAugment,
  speed,
  speedPerturb,
  stretchAlignment,
  stretchAlignments,
  telephone,
  telephoneLine,
  tempo,
  tempoPerturb,
  volume,
  type Wave,
} from '@jebena/features';
import { type Matrix, matrix } from '@jebena/io-ark';
import { type Item, type Stage, collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { describe, expect, test } from 'vitest';
import { joinRows, pieces } from './support/pieces.js';

const rate = 8000;
const noise = (length: number, seed: number): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => 1000 * random.gaussian());
};
const tone = (hertz: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, n) => 3000 * Math.sin((2 * Math.PI * hertz * n) / rate));
const wave = (samples: Float32Array): Wave => ({ sampleRate: rate, channels: [samples] });
const items: Item<Wave>[] = [
  ['a', wave(tone(440, 4000))],
  ['b', wave(noise(3000, 1))],
];

/** The frequency of a tone, from its zero crossings. */
function pitchOf(samples: Float32Array): number {
  const crossings: number[] = [];
  for (let n = 1; n < samples.length; n++) if (samples[n - 1]! < 0 && samples[n]! >= 0) crossings.push(n);
  return ((crossings.length - 1) * rate) / (crossings.at(-1)! - crossings[0]!);
}

describe('augmentation', () => {
  test('every stage keeps the contract, runs in a pipe and draws from seed and key alone', async () => {
    const noises = { noises: [noise(5000, 2)], snr: [5, 15] as const };
    const stages: ((o?: object) => Stage<Item<Wave>, Item<Wave>>)[] = [
      (o) => speed([0.9, 1.1], o),
      (o) => speed([0.9, 1, 1.1], { copies: true, ...o }),
      (o) => tempo([0.8, 1.2], o),
      (o) => volume([0.5, 2], o),
      (o) => telephoneLine({}, o),
      (o) => additiveNoise({ ...noises, count: [1, 3] }, o),
      (o) =>
        reverberation({ responses: [Float32Array.of(0, 1, 0.5)], pointNoises: noises, isotropicNoises: noises, ...o }),
    ];
    for (const make of stages) {
      await testStage({ make, items, abortable: true });
      const found = await pipe(items, make({ seed: 3 }), (source) => collect(source));
      const turned = await collect(make({ seed: 3 })([items[1]!, items[0]!]));
      expect(new Map(turned)).toEqual(new Map(found));
    }
    await testStage({ make: (o) => rawChunks({ sampleFrequency: rate }, o), items, abortable: true });
  });

  test('speed changes pitch and length, tempo the length alone', async () => {
    const found = new Map(await collect(speed([0.9, 1, 1.1], { copies: true })([items[0]!])));
    expect([...found.keys()]).toEqual(['sp0.9-a', 'a', 'sp1.1-a']);
    expect(pitchOf(found.get('sp1.1-a')!.channels[0]!)).toBeCloseTo(484, 0);
    for (const factor of [0.8, 1.25]) {
      const changed = tempoPerturb(tone(440, 8000), factor, rate);
      expect(changed.length).toBe(Math.round(8000 / factor));
      expect(Math.abs(pitchOf(changed.slice(200, -200)) / 440 - 1)).toBeLessThan(0.01);
      expect(power(changed) / power(tone(440, 8000))).toBeCloseTo(1, 0);
    }
  });

  test('alignments stay right when speed or tempo changes', () => {
    // Silence, then a tone from 0.5 s on: the label must change where the energy does.
    const samples = Float32Array.from(tone(440, 8000), (x, n) => (n < 4000 ? 0 : x));
    const mfcc = new Mfcc({ sampleFrequency: rate, dither: 0, snipEdges: false });
    const loudFrom = (m: Matrix): number => {
      let t = 0;
      while (m.data[t * m.cols]! < 10) t++;
      return t;
    };
    const alignment = Int32Array.from({ length: 100 }, (_, t) => (t < 50 ? 0 : 1));
    for (const factor of [0.8, 0.9, 1.1, 1.3])
      for (const changed of [speedPerturb(samples, factor), tempoPerturb(samples, factor, rate)]) {
        const feats = mfcc.compute(changed);
        expect(feats.rows).toBe(numFrames(changed.length, mfcc.geometry));
        const stretched = stretchAlignment(alignment, factor, feats.rows);
        expect(Math.abs(stretched.indexOf(1) - loudFrom(feats))).toBeLessThanOrEqual(2);
      }
  });

  test('alignments go through the same factors as their waves', async () => {
    const waves: Item<Wave>[] = ['a', 'b', 'c', 'd'].map((key) => [key, wave(tone(440, 8000))]);
    const labels = Int32Array.from({ length: 100 }, (_, t) => Math.trunc(t / 10));
    const alignments = waves.map(([key]): Item<Int32Array> => [key, labels]);
    const mfcc = new Mfcc({ sampleFrequency: rate, dither: 0 });
    for (const copies of [true, false]) {
      const options = { copies, seed: 4 };
      const changed = await collect(speed([0.9, 1, 1.1], options)(waves));
      const frames = new Map(changed.map(([key, { channels }]) => [key, mfcc.compute(channels[0]!).rows]));
      const stretch = stretchAlignments([0.9, 1, 1.1], { ...options, frames: (key) => frames.get(key)! });
      const found = await collect(stretch(alignments));
      expect(found.map(([key, ali]) => [key, ali.length])).toEqual([...frames]);
    }
    expect((await collect(stretchAlignments([2])(alignments)))[0]![1]).toEqual(labels.filter((_, t) => t % 2 === 1));
    await testStage({ make: (o) => stretchAlignments([0.9, 1.1], o), items: alignments, abortable: true });
  });

  test('noise is added at the ratio asked for', async () => {
    const add = additiveNoise({ noises: [noise(1000, 5)], snr: [10, 10] });
    const [[, found]] = (await collect(add([items[0]!]))) as [Item<Wave>];
    const clean = items[0]![1].channels[0]!;
    const added = found.channels[0]!.map((x, i) => x - clean[i]!);
    expect(10 * Math.log10(power(clean) / power(added))).toBeCloseTo(10, 0);
  });

  test('convolution is what its definition says', () => {
    const [x, h] = [noise(700, 1), noise(90, 2)];
    const found = convolve(x, h);
    expect(found.length).toBe(789);
    for (const n of [0, 89, 300, 700, 788]) {
      let sum = 0;
      for (let k = 0; k < h.length; k++) if (n - k >= 0 && n - k < x.length) sum += h[k]! * x[n - k]!;
      expect(Math.abs(found[n]! - sum)).toBeLessThan(30);
    }
  });

  test('a simulated room has the direct sound where it must be and decays as asked', () => {
    const room = { size: [6, 5, 3], source: [1, 1, 1.5], microphone: [4, 3, 1.2], t60: 0.3, sampleRate: rate } as const;
    const distance = Math.hypot(3, 2, 0.3);
    const response = roomResponse(room);
    expect(Math.abs(directSound(response) - (distance / 343) * rate)).toBeLessThanOrEqual(1);
    const direct = roomResponse({ ...room, t60: 0 });
    expect(Math.sqrt(power(direct) * direct.length) * 4 * Math.PI * distance).toBeCloseTo(1, 1);
    // Schroeder's backward integral falls by 60 dB a t60: measured from -5 to -25 dB.
    const tail = response.map((x) => x * x);
    for (let n = tail.length - 2; n >= 0; n--) tail[n] = tail[n]! + tail[n + 1]!;
    const at = (decibels: number): number => tail.findIndex((x) => 10 * Math.log10(x / tail[0]!) < decibels);
    const measured = (3 * (at(-25) - at(-5))) / rate;
    expect(measured / 0.3).toBeGreaterThan(0.7);
    expect(measured / 0.3).toBeLessThan(1.4);
    expect(() => roomResponse({ ...room, source: [7, 1, 1] })).toThrow('expected the source within 6 x 5 x 3 m');
  });

  test('reverberation keeps length, place and power, with drawn rooms too', async () => {
    const samples = items[1]![1].channels[0]!;
    expect(reverberate(samples, Float32Array.of(0, 0, 1))[100]).toBeCloseTo(samples[100]!, 0);
    expect(earlyPower(samples, Float32Array.of(0, 2), rate)).toBeCloseTo(4 * power(samples) * (3000 / 3001), -3);
    const rooms = {
      size: [
        [3, 3, 2.5],
        [4, 4, 3],
      ],
      t60: [0.1, 0.2],
    } as const;
    const [[, found]] = (await collect(reverberation({ rooms })([items[1]!]))) as [Item<Wave>];
    expect(found.channels[0]!.length).toBe(samples.length);
    expect(power(found.channels[0]!) / power(samples)).toBeCloseTo(1, 3);
    expect(drawRoom(new Random(1), rate, 3)).toHaveLength(3);
  });

  test('mu-law is G.711, and a telephone passes its band alone', () => {
    expect([0, 1, 127, 128, 254, 255].map(muLawDecode)).toEqual([-32124, -31100, 0, 32124, 8, 0]);
    expect([0, -1, 32767, -32768, 1000].map(muLawEncode)).toEqual([0xff, 0x7f, 0x80, 0x00, 0xce]);
    for (let byte = 0; byte < 256; byte++) expect(muLawDecode(muLawEncode(muLawDecode(byte)))).toBe(muLawDecode(byte));
    const through = (hertz: number): number => power(telephone(tone(hertz, 8000), rate)) / power(tone(hertz, 8000));
    expect(through(1000)).toBeGreaterThan(0.9);
    expect(through(100)).toBeLessThan(0.01);
    expect(through(3800)).toBeLessThan(0.01);
    expect(telephone(tone(500, 4410), 44100).length).toBe(4410);
    expect(() => bandPass(tone(100, 100), rate, [300, 5000])).toThrow('low < high <= 4000 Hz');
  });

  test('SpecAugment blanks bands and stretches within its bounds', async () => {
    const feats: Matrix = { rows: 100, cols: 20, data: new Float32Array(2000).fill(1) };
    const options = { fill: 'zero', freqMasks: 1, maxFreqMask: 4, timeMasks: 1, maxTimeMask: 10 } as const;
    for (let seed = 0; seed < 50; seed++) {
      const found = augmentSpectrum(feats, new Random(seed), options);
      const blankRows = Array.from({ length: 100 }, (_, r) =>
        found.data.slice(r * 20, r * 20 + 20).every((x) => x === 0),
      );
      const blankCols = Array.from({ length: 20 }, (_, c) => found.data.every((x, i) => i % 20 !== c || x === 0));
      expect(blankRows.filter(Boolean).length).toBeLessThanOrEqual(10);
      expect(blankCols.filter(Boolean).length).toBeLessThanOrEqual(4);
    }
    const ramp: Matrix = { rows: 50, cols: 1, data: Float32Array.from({ length: 50 }, (_, t) => t) };
    const warped = augmentSpectrum(ramp, new Random(4), { timeWarp: 8, freqMasks: 0, timeMasks: 0 });
    expect([warped.data[0], warped.data[49]]).toEqual([0, 49]);
    warped.data.slice(1).forEach((x, t) => expect(x).toBeGreaterThanOrEqual(warped.data[t]!));
    expect(warped.data).not.toEqual(ramp.data);
    const matrices: Item<Matrix>[] = [
      ['a', feats],
      ['b', matrix(0, 20)],
    ];
    await testStage({ make: (o) => specAugment({}, o), items: matrices, abortable: true });
  });

  test('raw chunks in pieces are those of the whole', async () => {
    const chunks = new RawChunks({ sampleFrequency: rate, chunkLength: 20 });
    const samples = noise(3000, 9);
    const online = chunks.online();
    const parts = [...Array.from(pieces(samples), (piece) => online.push(piece)), online.flush()];
    expect(joinRows(parts)).toEqual(chunks.rows(samples));
    expect([chunks.dim, chunks.count(3000)]).toEqual([160, 36]);
    expect(chunks.rows(samples, 3, 4).data[0]).toBeCloseTo(samples[240]! / 32768, 6);
    const found = await collect(rawChunks({ sampleFrequency: rate, chunkLength: 20 }, { rowsAtOnce: 10 })([items[1]!]));
    expect(found.map(([, m]) => m.rows)).toEqual([10, 10, 10, 6]);
  });
});
