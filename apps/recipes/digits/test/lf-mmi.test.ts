import { evaluateChain } from '@jebena/chain';
import { Random } from '@jebena/features';
import { matrix } from '@jebena/io-ark';
import { expect, test } from 'vitest';
import { digitsLanguage } from '../language.js';
import { type Augmentation, augmentation } from '../lf-mmi/augmentation.js';
import { chainGraphs } from '../lf-mmi/chain-graphs.js';
import { changeTake } from '../lf-mmi/change-take.js';
import { StringDrawer } from '../lf-mmi/draw-strings.js';
import { MelAxis } from '../lf-mmi/mel-axis.js';
import { groupByLength } from '../lf-mmi/minibatches.js';
import { NoiseMaker } from '../lf-mmi/noise.js';

const bins = 40;
const none: Augmentation = {
  ...augmentation,
  warp: 0,
  bend: 0,
  tempo: 0,
  digitVolume: 0,
  warpDrift: 0,
  colourDrift: 0,
  sway: 0,
  trim: { chance: 0, most: 0 },
};
const axis = new MelAxis(bins, 8000);
const still = { warp: 1, bend: 0, tempo: 1, gain: new Float32Array(bins) };
const random = (): Random => new Random(1);

const noisy = (rows: number, mean: number, seed: number): ReturnType<typeof matrix> => {
  const draws = new Random(seed);
  return matrix(
    rows,
    bins,
    Float32Array.from({ length: rows * bins }, () => mean + draws.gaussian()),
  );
};

test('with nothing to change a recording stays as it is; a warp moves a peak to its new frequency', () => {
  const feats = noisy(30, 10, 2);
  const take = { digit: 1, speaker: 'me', feats, edge: 0 };
  changeTake(random(), take, axis, still, none).data.forEach((x, i) => expect(x).toBeCloseTo(feats.data[i]!, 4));
  // Bins of the default band, by the mel scale itself.
  const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);
  const step = (mel(4000) - mel(20)) / (bins + 1);
  const binOf = (hertz: number): number => (mel(hertz) - mel(20)) / step - 1;
  const peak = matrix(30, bins);
  for (let t = 0; t < 30; t++) for (let b = 0; b < bins; b++) peak.data[t * bins + b] = -Math.abs(b - binOf(1500));
  const moved = changeTake(random(), { ...take, feats: peak }, axis, { ...still, warp: 1.2 }, none);
  const row = Array.from(moved.data.subarray(0, bins));
  expect(row.indexOf(Math.max(...row))).toBe(Math.round(binOf(1500 / 1.2)));
});

test('noise is as loud as asked, and what is far louder stays', () => {
  const makers = new NoiseMaker(noisy(500, 3, 4));
  const feats = Float32Array.from({ length: 200 * bins }, (_, i) => (i < 100 * bins ? -50 : 50));
  makers.add(random(), feats, 0, 200, 7, new Float32Array(bins));
  const mean = (from: number, to: number): number =>
    feats.subarray(from * bins, to * bins).reduce((a, b) => a + b, 0) / ((to - from) * bins);
  expect(mean(0, 100)).toBeCloseTo(7, 0);
  expect(mean(100, 200)).toBeCloseTo(50, 5);
});

test('strings are the same for the same draws, hold their digits and fill minibatches of one length', () => {
  const takes = ['a', 'b'].flatMap((speaker, s) =>
    Array.from({ length: 10 }, (_, digit) => ({
      digit,
      speaker,
      feats: noisy(25 + digit, 12, s * 10 + digit),
      edge: 1,
    })),
  );
  const drawer = new StringDrawer({ takes, noise: noisy(3000, 0, 5), sampleRate: 8000 }, augmentation);
  const draw = (seed: number): ReturnType<StringDrawer['draw']>[] => {
    const draws = new Random(seed);
    return Array.from({ length: 30 }, (_, i) =>
      drawer.draw(draws, { speaker: 'ab'[i % 2]!, words: i % 3 ? ['one', 'two'] : ['nine'] }),
    );
  };
  const strings = draw(7).map((s) => s!);
  expect(draw(7)).toEqual(strings);
  expect(draw(8)).not.toEqual(strings);
  expect(strings.every((s) => s.feats.rows % 15 === 0 && s.feats.data.every(Number.isFinite))).toBe(true);
  const groups = groupByLength(random(), strings);
  expect(groups.flat().length).toBe(30);
  expect(groups.every((g) => g.every((s) => s.feats.rows === g[0]!.feats.rows))).toBe(true);
});

test('what was said is among what can be said: the objective is never above 0', () => {
  const language = digitsLanguage('lf-mmi');
  const { denominator, numerator } = chainGraphs(language);
  const { numPdfs } = language.transitionModel;
  expect(numPdfs).toBe(2 * (1 + 5 * 10));
  const draws = new Random(3);
  for (const words of [['one'], ['nine', 'nine'], ['zero', 'six', 'eight']]) {
    const framesPerSequence = 40;
    const supervision = {
      weight: 1,
      numSequences: 1,
      framesPerSequence,
      labelDim: numPdfs,
      e2eFsts: [numerator(words)],
    };
    const output = matrix(
      framesPerSequence,
      numPdfs,
      Float32Array.from({ length: 40 * numPdfs }, () => 3 * draws.gaussian()),
    );
    const { objective, failed } = evaluateChain(denominator, supervision, output, { leakyHmmCoefficient: 0.1 });
    expect(failed).toBe(false);
    expect(objective).toBeLessThan(0);
  }
});
