import { readFileSync } from 'node:fs';
import { alignPhones, latticeBestPath, latticePosteriors } from '@jebena/decode';
import { alignmentToPhoneRuns, TransitionModel } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { CompactLatticeBuilder, readCompactLattices } from '@jebena/wfst';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { table } from './support/golden.js';

const modelOf = (name: string): TransitionModel =>
  TransitionModel.read(new KaldiInput(readFileSync(shared('golden', name))));

testShared('each arc is one whole phone, and the lattice says what it said', async () => {
  const model = modelOf('decode/final.mdl');
  for (const [, lattice] of await table(readCompactLattices, 'noisy/lat.ark')) {
    const { lattice: phones, problem } = alignPhones(lattice, model, { replaceLabels: true });
    expect(problem).toBe(undefined);
    expect(phones.numArcs).toBeGreaterThan(lattice.numArcs);
    for (let a = 0; a < phones.numArcs; a++) {
      const runs = alignmentToPhoneRuns(model, phones.string(a));
      expect(runs.map((run) => run.phone)).toEqual([phones.label[a]]);
    }
    for (let s = 0; s < phones.numStates; s++) expect(phones.finalString(s).length).toBe(0);
    const { lattice: words } = alignPhones(lattice, model);
    const [was, now, said] = [lattice, phones, words].map((one) => latticeBestPath(one, { acousticScale: 0.7 })!);
    expect(now!.alignment).toEqual(was!.alignment);
    expect(said!.words).toEqual(was!.words);
    const total = (p: typeof was): number => p!.graphCost + p!.acousticCost;
    for (const path of [now, said]) expect(Math.abs(total(path) - total(was)) / total(was)).toBeLessThan(1e-5);
    const [before, after] = [lattice, phones].map((one) => latticePosteriors(one, { acousticScale: 0.1 }));
    expect(after!.logLike).toBeCloseTo(before!.logLike, 1);
  }
});

testShared('a lattice of another model is told', () => {
  const model = modelOf('decode/final.mdl');
  const b = new CompactLatticeBuilder();
  b.ensureStates(2);
  b.setStart(0);
  // Self-loops of two phones, with no transition out of either.
  const loops = Array.from(model.tidIsSelfLoop.keys()).filter((tid) => model.tidIsSelfLoop[tid]);
  const other = loops.find((tid) => model.tidToPhone[tid] !== model.tidToPhone[loops[0]!])!;
  b.addArc(0, { label: 3, graphCost: 1, acousticCost: 2, transitionIds: [loops[0]!, other], nextState: 1 });
  b.setFinal(1);
  const { lattice, problem } = alignPhones(b.build(), model, { replaceLabels: true });
  expect(problem).toContain('before its last transition');
  expect(lattice.numArcs).toBe(1);
});
