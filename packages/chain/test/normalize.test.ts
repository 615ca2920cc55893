import { normalizeSupervision, type Supervision } from '@jebena/chain';
import { compose, determinize, equivalent, type Fst, FstBuilder, minimize } from '@jebena/wfst';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const frames = 5;
const cost = fc.double({ min: 0, max: 4, noNaN: true });
const arc = fc.record({ from: fc.nat(2), to: fc.nat(2), label: fc.integer({ min: 1, max: 3 }), cost });

/** Three states at each frame, some arcs from each frame to the next, all of equal length. */
const layered = fc
  .array(fc.array(arc, { minLength: 4, maxLength: 8 }), { minLength: frames, maxLength: frames })
  .map((layers): Fst => {
    const b = new FstBuilder();
    b.ensureStates(3 * (frames + 1));
    b.setStart(0);
    layers.forEach((arcs, t) => {
      for (const { from, to, label, cost: w } of arcs)
        b.addArc(3 * t + (t === 0 ? 0 : from), label, label, w, 3 * (t + 1) + to);
    });
    for (let s = 0; s < 3; s++) b.setFinal(3 * frames + s, s / 2);
    return b.build();
  });
const cyclic = fc.array(arc, { minLength: 8, maxLength: 14 }).map((arcs): Fst => {
  const b = new FstBuilder();
  b.ensureStates(3);
  b.setStart(0);
  for (const { from, to, label, cost: w } of arcs) b.addArc(from, label, label, w, to);
  for (let s = 0; s < 3; s++) b.setFinal(s, s / 4);
  return b.build();
});

test('composing in one pass is what the general algorithms give', () => {
  let some = 0;
  fc.assert(
    fc.property(layered, cyclic, (fst, normalization) => {
      const supervision: Supervision = { weight: 1, numSequences: 1, framesPerSequence: frames, labelDim: 3, fst };
      const found = normalizeSupervision(normalization, supervision)?.fst;
      const composed = compose(fst, normalization);
      if (composed.start < 0) return void expect(found).toBe(undefined);
      some++;
      const wanted = minimize(determinize(composed));
      expect(found!.numStates).toBeLessThanOrEqual(wanted.numStates);
      expect(equivalent(found!, wanted, { delta: 1e-3 })).toBe(true);
      // In order of time, one arc a label.
      for (let s = 0; s < found!.numStates; s++) {
        const labels = found!.ilabel.subarray(found!.firstArc[s], found!.firstArc[s + 1]);
        expect(new Set(labels).size).toBe(labels.length);
        for (let a = found!.firstArc[s]!; a < found!.firstArc[s + 1]!; a++)
          expect(found!.nextState[a]).toBeGreaterThan(s);
      }
    }),
    { numRuns: 100 },
  );
  expect(some).toBeGreaterThan(10);
});
