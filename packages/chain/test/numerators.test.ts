import { parseFst } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { loopedNumerator } from '../src/looped-numerator.js';
import { scaledNumerator } from '../src/scaled-numerator.js';

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

/** Phones in a row, each said for one frame or more, every other one optional. The first and the last have pdfs of their own. */
const loop = (s: number): number => (s === 0 ? 13 : s === 11 ? 14 : 8 + (s % 5));
const words = parseFst(
  `${Array.from({ length: 12 }, (_, s) =>
    [
      `${s} ${s + 1} ${1 + (s % 7)} ${1 + (s % 7)} 0.4`,
      `${s + 1} ${s + 1} ${loop(s)} ${loop(s)} 0.7`,
      ...(s % 2 === 0 ? [`${s} ${s + 2} ${1 + ((s + 3) % 7)} ${1 + ((s + 3) % 7)} 1.1`] : []),
    ].join('\n'),
  ).join('\n')}\n12 0.3\n`,
);
const cols = 14;
const pdf = words.ilabel.map((label) => label - 1);

function both(frames: number, outputs: Float32Array) {
  const ways = [scaledNumerator, loopedNumerator].map((numerator) => {
    // Two sequences side by side, of which this is the second.
    const posterior = new Float32Array(outputs.length);
    const add = (at: number, share: number): void => {
      posterior[at]! += share;
    };
    return { posterior, logProb: numerator(words, pdf, { data: outputs, add, start: cols, stride: 2 * cols, frames }) };
  });
  return { scaled: ways[0]!, logs: ways[1]! };
}
const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('scaled probabilities give what logarithms give', () => {
  test.each([0.1, 3, 10, 30])('outputs of up to +-%s', (range) => {
    const draw = random(range);
    for (const frames of [6, 7, 40, 150]) {
      const { scaled, logs } = both(
        frames,
        Float32Array.from({ length: 2 * cols * frames }, () => range * (2 * draw() - 1)),
      );
      expect(scaled.logProb).toBeCloseTo(logs.logProb!, 8);
      expect(largest(scaled.posterior, logs.posterior)).toBeLessThan(1e-6);
    }
  });

  test('or leave it to them, where paths that matter were left out', () => {
    // To be in the last phone at frame 60 pays off in the end, but until then such paths lose e^-100 at seven frames.
    const frames = 80;
    const outputs = new Float32Array(2 * cols * frames);
    for (let t = 0; t < 60; t++) outputs[(2 * t + 1) * cols + 12] = 100;
    for (let t = 60; t < frames; t++) outputs[(2 * t + 1) * cols + 13] = 2000;
    const { scaled, logs } = both(frames, outputs);
    expect(Number.isFinite(logs.logProb)).toBe(true);
    expect(scaled.logProb).toBeUndefined();
    expect(scaled.posterior.every((p) => p === 0)).toBe(true);
  });
});

test('no way through, and outputs that are not numbers, are left to logarithms', () => {
  const { scaled, logs } = both(3, new Float32Array(2 * cols * 3));
  expect(scaled.logProb).toBeUndefined();
  expect(logs.logProb).toBe(-Infinity);
  expect(both(9, new Float32Array(2 * cols * 9).fill(NaN)).scaled.logProb).toBeUndefined();
});
