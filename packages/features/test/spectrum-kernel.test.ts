import { type FrameOptions, Random, RealFft, frameGeometry, frameOptions } from '@jebena/features';
import { resolveOptions } from '@jebena/options';
import { expect, test } from 'vitest';
import { simdKernel } from '../src/simd-kernel.js';
import { type EnergyOf, ScalarKernel, kernelPlan } from '../src/spectrum-kernel.js';

const cases: Partial<FrameOptions>[] = [
  {},
  { sampleFrequency: 8000, removeDcOffset: false },
  { frameLength: 25.07, windowType: 'hamming' },
  { sampleFrequency: 44100 },
  { frameLength: 16, preemphasisCoefficient: 0 },
  { frameLength: 1 },
];

test.each(cases)('four frames at once are those of one at a time, bit for bit: %o', (given) => {
  const options = resolveOptions(frameOptions, given);
  const geometry = frameGeometry(options);
  const random = new Random(1);
  const samples = Float32Array.from({ length: 8000 }, () => 3000 * random.gaussian());
  for (const energyOf of ['none', 'raw', 'windowed'] as EnergyOf[]) {
    const plan = kernelPlan(options, geometry, energyOf, samples.length);
    const scalar = new ScalarKernel(plan);
    const simd = simdKernel(plan)!;
    scalar.input.set(samples);
    simd.input.set(samples);
    simd.run(100, geometry.shift);
    for (let lane = 0; lane < 4; lane++) {
      scalar.run(100 + lane * geometry.shift);
      expect(simd.power.subarray(lane * simd.stride, lane * simd.stride + scalar.stride)).toEqual(scalar.power);
      if (energyOf !== 'none') expect(simd.energy[lane]).toBe(scalar.energy[0]);
    }
  }
});

test('frames that are no power of two have no such kernel', () => {
  const options = resolveOptions(frameOptions, { roundToPowerOfTwo: false });
  expect(simdKernel(kernelPlan(options, frameGeometry(options), 'none', 1000))).toBeUndefined();
});

test.each([2, 4, 8, 16, 512, 6, 10, 100, 400, 418, 1102])(
  'a transform of %i samples is what its definition says',
  (n) => {
    const random = new Random(n);
    const signal = Float32Array.from({ length: n }, () => random.gaussian());
    const found = new Float32Array(n);
    new RealFft(n).transform(signal, found);
    const power = new Float32Array(n / 2 + 1);
    new RealFft(n).powerSpectrum(signal.slice(), power);
    for (let k = 0; k <= n / 2; k++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < n; i++) {
        re += signal[i]! * Math.cos((2 * Math.PI * k * i) / n);
        im -= signal[i]! * Math.sin((2 * Math.PI * k * i) / n);
      }
      const wanted = k === 0 ? [re, found[1]!] : k === n / 2 ? [found[0]!, re] : [re, im];
      const at = k === n / 2 ? 0 : 2 * k;
      expect(Math.abs(found[at]! - wanted[0]!)).toBeLessThan(1e-3);
      expect(Math.abs(found[at + 1]! - wanted[1]!)).toBeLessThan(1e-3);
      expect(Math.abs(power[k]! - (re * re + im * im))).toBeLessThan(1e-3 * (1 + re * re + im * im));
    }
  },
);
