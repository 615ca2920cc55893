import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fst, connect, determinizeStar, minimizeEncoded, readFst, writeFst } from '@jebena/wfst';
import { pythonWith, runPython } from '../../../test/support/python.mjs';
import { randomFst } from './support/random-fst.js';
import { expectSameRelation, relation } from './support/relation.js';

const script = `
import sys, kaldifst
folder, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    for log in (False, True):
        fst = kaldifst.StdVectorFst.read('%s/%d.fst' % (folder, i))
        kaldifst.determinize_star(fst, use_log=log)
        fst.write('%s/%d.%s.fst' % (folder, i, 'log' if log else 'tropical'))
    kaldifst.minimize_encoded(fst)
    fst.write('%s/%d.small.fst' % (folder, i))
`;

/** Machines that give one output to an input: acceptors, and those whose output is made of the input. */
const machines = (): Fst[] => {
  const acceptors = fc.sample(randomFst({ acceptor: true, arcs: 14 }), { numRuns: 20, seed: 11 });
  const doubled = acceptors.map((fst) =>
    fst.with({ olabel: fst.ilabel.map((label) => (label === 2 ? 0 : 2 * label)) }),
  );
  return [...acceptors, ...doubled].map(connect).filter((fst) => fst.start >= 0);
};

test("Kaldi's determinization and minimization, by kaldifst", ({ skip }) => {
  const { python, skip: reason } = pythonWith('kaldifst==1.8.3');
  if (!python) return skip(reason);
  const folder = mkdtempSync(join(tmpdir(), 'jebena-kaldifst-'));
  try {
    const all = machines();
    expect(all.length).toBeGreaterThan(20);
    for (const [i, fst] of all.entries()) writeFileSync(join(folder, `${i}.fst`), writeFst(fst));
    runPython(python, script, folder, String(all.length));
    for (const [i, fst] of all.entries()) {
      const theirs = (kind: string): Fst => readFst(readFileSync(join(folder, `${i}.${kind}.fst`)));
      for (const semiring of ['tropical', 'log'] as const) {
        const [ours, wanted] = [determinizeStar(fst, { semiring }), theirs(semiring)];
        expect([ours.numStates, ours.numArcs]).toEqual([wanted.numStates, wanted.numArcs]);
        expectSameRelation(relation(ours), relation(wanted), 1e-3);
      }
      const small = minimizeEncoded(determinizeStar(fst, { semiring: 'log' }));
      expect(small.numStates).toBe(theirs('small').numStates);
      // Theirs keeps the costs rounded.
      expectSameRelation(relation(small), relation(theirs('small')), 1e-2);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
