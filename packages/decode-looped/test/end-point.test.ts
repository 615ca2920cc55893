import { EndPointer } from '@jebena/decode-looped';
import { expect, test } from 'vitest';

// Lengths, silences and costs on both sides of each bound of online2/online-endpoint.h.
test.each([
  [{ length: 5, trailingSilence: 5, relativeCost: Infinity }, 1],
  [{ length: 4.9, trailingSilence: 4.9, relativeCost: 0 }, undefined],
  [{ length: 3, trailingSilence: 0.5, relativeCost: 2 }, 2],
  [{ length: 3, trailingSilence: 0.49, relativeCost: 2 }, undefined],
  [{ length: 3, trailingSilence: 0.5, relativeCost: 2.1 }, undefined],
  [{ length: 3, trailingSilence: 1, relativeCost: 8 }, 3],
  [{ length: 3, trailingSilence: 1, relativeCost: 8.1 }, undefined],
  [{ length: 3, trailingSilence: 2, relativeCost: Infinity }, 4],
  [{ length: 3, trailingSilence: 3, relativeCost: 0 }, undefined],
  [{ length: 20, trailingSilence: 0, relativeCost: Infinity }, 5],
  [{ length: 19.9, trailingSilence: 0, relativeCost: Infinity }, undefined],
])('%o: rule %s', (state, rule) => {
  expect(new EndPointer().rule(state)).toBe(rule);
});

test('rules are changed by option, and silence by number', () => {
  const state = { length: 3, trailingSilence: 0.3, relativeCost: 0 };
  expect(new EndPointer({ 'endpoint.rule2.minTrailingSilence': 0.3 }).rule(state)).toBe(2);
  expect([...new EndPointer({ 'endpoint.silencePhones': '1:2:10' }).silencePhones]).toEqual([1, 2, 10]);
  expect(() => new EndPointer({ 'endpoint.silencePhones': 'SIL' })).toThrow("expected phones as 1:2:3, found 'SIL'");
});
