import { energyVad, selectVoiced } from '@jebena/features';
import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';

const column = (...values: number[]) => ({ rows: values.length, cols: 1, data: Float32Array.from(values) });

test('voice is where enough frames around lie above the mean and the constant', () => {
  // The mean is 8, so the threshold is 1 + 0.5 * 8 = 5.
  const feats = column(0, 0, 20, 20, 0, 20, 20, 0, 0, 0);
  const vad = (vadFramesContext: number, vadProportionThreshold: number) =>
    [...energyVad(feats, { vadEnergyThreshold: 1, vadFramesContext, vadProportionThreshold })].join('');
  expect(vad(0, 0.6)).toBe('0011011000');
  expect(vad(1, 0.6)).toBe('0011111000');
  expect(vad(1, 0.9)).toBe('0000000000');
  // At the ends only the frames that exist are asked.
  expect(
    energyVad(column(9, 9, 0, 0), { vadEnergyThreshold: 0, vadFramesContext: 1, vadProportionThreshold: 1 }),
  ).toEqual(Float32Array.of(1, 0, 0, 0));
});

test('agrees with counting frame by frame (ivector/voice-activity-detection.cc)', () => {
  assert(
    property(
      array(integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 }),
      integer({ min: 0, max: 4 }),
      integer({ min: 0, max: 10 }),
      (energies, vadFramesContext, tenths) => {
        const found = energyVad(column(...energies), {
          vadEnergyThreshold: 3.3,
          vadFramesContext,
          vadProportionThreshold: tenths / 10,
        });
        const threshold = 3.3 + (0.5 * energies.reduce((a, b) => a + b)) / energies.length;
        energies.forEach((_, t) => {
          const around = energies.slice(Math.max(0, t - vadFramesContext), t + vadFramesContext + 1);
          const above = around.filter((energy) => energy > threshold).length;
          expect(found[t]).toBe(above >= around.length * Math.fround(tenths / 10) ? 1 : 0);
        });
      },
    ),
  );
});

test('takes voiced frames and refuses another count of decisions', () => {
  expect([...selectVoiced(column(1, 2, 3), Float32Array.of(1, 0, 1)).data]).toEqual([1, 3]);
  expect(() => selectVoiced(column(1, 2, 3), new Float32Array(2))).toThrow('expected 3 decisions about voice, found 2');
});
