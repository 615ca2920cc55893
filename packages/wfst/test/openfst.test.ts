import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import {
  type Fst,
  Property,
  arcSort,
  bestPaths,
  closure,
  compose,
  computeProperties,
  concat,
  connect,
  determinize,
  equivalent,
  formatFst,
  invert,
  minimize,
  parseFst,
  project,
  push,
  readFst,
  removeEpsilons,
  reverse,
  shortestDistance,
  shortestPath,
  topSort,
  union,
  withCompiledProperties,
  writeFst,
} from '@jebena/wfst';
import { openFst, openFstBytes, testOpenFst } from './support/openfst.js';
import { randomFst } from './support/random-fst.js';
import { expectSameRelation, relation } from './support/relation.js';

/** Some machines of a kind, always the same. */
const machines = (shape: Parameters<typeof randomFst>[0], count = 8): Fst[] =>
  fc.sample(randomFst(shape), { numRuns: count, seed: 7 });

describe('against the tools of OpenFst on random machines', () => {
  testOpenFst('files: read, print and write as they do', () => {
    for (const fst of machines({ acyclic: false })) {
      expect(openFstBytes('fstprint', [], fst).toString()).toBe(formatFst(fst));
      const converted = openFstBytes('fstconvert', ['--fst_type=const'], fst);
      expect(Buffer.from(writeFst(fst, { type: 'const' })).equals(converted)).toBe(true);
      // Without arcs it knows more of a machine than it tells of others.
      if (fst.numArcs === 0) continue;
      const compiled = openFstBytes('fstcompile', [], formatFst(fst));
      expect(Buffer.from(writeFst(withCompiledProperties(parseFst(formatFst(fst))))).equals(compiled)).toBe(true);
    }
    for (const fst of machines({ acyclic: false, acceptor: true })) {
      const converted = openFstBytes('fstconvert', ['--fst_type=compact_acceptor'], fst);
      expect(Buffer.from(writeFst(fst, { type: 'compact_acceptor' })).equals(converted)).toBe(true);
      expect(formatFst(readFst(converted))).toBe(formatFst(fst));
    }
  });

  testOpenFst('unary operations on acyclic transducers give the same relation', () => {
    for (const fst of machines({})) {
      const same = (ours: Fst, tool: string, ...args: string[]): void =>
        expectSameRelation(relation(ours), relation(openFst(tool, args, fst)));
      same(invert(fst), 'fstinvert');
      same(project(fst, 'output'), 'fstproject', '--project_type=output');
      same(reverse(fst), 'fstreverse');
      same(removeEpsilons(fst), 'fstrmepsilon');
      same(push(fst), 'fstpush', '--push_weights=true');
      same(push(fst, { removeTotal: true }), 'fstpush', '--push_weights=true', '--remove_total_weight=true');
      same(arcSort(fst, { by: 'olabel' }), 'fstarcsort', '--sort_type=olabel');
      same(topSort(fst)!, 'fsttopsort');
      same(push(fst, { labels: true }), 'fstpush', '--push_weights=true', '--push_labels=true');
      expect(connect(fst).numStates).toBe(openFst('fstconnect', [], fst).numStates);
    }
  });

  testOpenFst('the same in the log semiring', () => {
    for (const fst of machines({ semiring: 'log' })) {
      expectSameRelation(relation(removeEpsilons(fst)), relation(openFst('fstrmepsilon', [], fst)), 1e-2);
      const lines = openFstBytes('fstshortestdistance', ['--delta=1e-6'], fst).toString().trim().split('\n');
      const ours = shortestDistance(fst);
      for (const line of lines) {
        const [state, cost] = line.split('\t');
        if (cost !== 'Infinity') expect(ours[Number(state)]).toBeCloseTo(Number(cost ?? 0), 3);
      }
    }
  });

  testOpenFst('pushed machines have the same cost at every state', () => {
    for (const fst of machines({ acceptor: true }).map(connect))
      for (const to of ['initial', 'final'] as const) {
        if (fst.start < 0) continue;
        const [ours, theirs] = [
          push(fst, { to }),
          openFst('fstpush', ['--push_weights=true', ...(to === 'final' ? ['--to_final=true'] : [])], fst),
        ];
        const costs = (f: Fst): number[] => [...f.weight, ...f.final].map((c) => Math.round(c * 256) / 256);
        expect(costs(ours).sort()).toEqual(costs(theirs).sort());
      }
  });

  testOpenFst('determinized and minimized acceptors have the same size', () => {
    for (const fst of machines({ acceptor: true, epsilons: false, arcs: 14 })) {
      const ours = determinize(fst);
      const theirs = openFst('fstdeterminize', [], fst);
      expectSameRelation(relation(ours), relation(theirs));
      expect(connect(ours).numStates).toBe(connect(theirs).numStates);
      const small = minimize(theirs);
      const smallest = openFst('fstminimize', [], theirs);
      expectSameRelation(relation(small), relation(smallest));
      expect([small.numStates, small.numArcs]).toEqual([smallest.numStates, smallest.numArcs]);
    }
  });

  testOpenFst('cyclic machines: union, concatenation, closure, reversal and their equivalence', () => {
    const kind = { acceptor: true, acyclic: false, arcs: 8, states: 5 };
    const unweighted = (fst: Fst): Fst =>
      fst.with({ weight: fst.weight.map(() => 0), final: fst.final.map((w) => (w === Infinity ? w : 0)) });
    const [all, others] = [machines(kind, 6).map(unweighted), machines({ ...kind, states: 4 }, 6).map(unweighted)];
    for (const [i, a] of all.entries()) {
      const b = others[i]!;
      const same = (ours: Fst, tool: string, args: string[], ...inputs: Fst[]): void =>
        expect(equivalent(ours, openFst(tool, args, ...inputs))).toBe(true);
      same(union(a, b), 'fstunion', [], a, b);
      same(concat(a, b), 'fstconcat', [], a, b);
      same(closure(a), 'fstclosure', [], a);
      same(closure(a, 'plus'), 'fstclosure', ['--closure_plus=true'], a);
      same(reverse(a), 'fstreverse', [], a);
      same(minimize(determinize(removeEpsilons(a))), 'fstrmepsilon', [], a);
      // Their test wants machines that are epsilon-free and deterministic.
      const [x, y] = [minimize(determinize(removeEpsilons(a))), minimize(determinize(removeEpsilons(b)))];
      expect(equivalent(a, b)).toBe(theirEquivalence(x, y));
      expect(equivalent(a, union(a, a))).toBe(true);
    }
  });

  testOpenFst('composition of cyclic transducers has the same states and the same best paths', () => {
    const kind = { acyclic: false, arcs: 10, states: 5 };
    const others = machines({ ...kind, states: 4 });
    for (const [i, a] of machines(kind).entries()) {
      const [ours, theirs] = [
        compose(a, others[i]!),
        openFst('fstcompose', [], arcSort(a, { by: 'olabel' }), others[i]!),
      ];
      expect([ours.numStates, ours.numArcs]).toEqual([theirs.numStates, theirs.numArcs]);
      const costs = (fst: Fst): number[] => bestPaths(fst, { n: 10 }).map((p) => p.weight);
      expect(costs(ours)).toEqual(costs(theirs));
      expect(computeProperties(ours) & Property.acyclic).toBe(computeProperties(theirs) & Property.acyclic);
    }
  });

  testOpenFst('n best paths cost the same, all or unique', () => {
    for (const fst of machines({ acceptor: true, acyclic: false, epsilons: false })) {
      const theirs = openFst('fstshortestpath', ['--nshortest=6'], fst);
      const costs = (f: Fst): number[] => bestPaths(f, { n: 6 }).map((p) => p.weight);
      expect(costs(shortestPath(fst, { n: 6 }))).toEqual(costs(theirs));
    }
    for (const fst of machines({ acceptor: true, epsilons: false })) {
      const theirs = openFst('fstshortestpath', ['--nshortest=6', '--unique=true'], fst);
      const strings = bestPaths(fst, { n: 6, unique: true });
      expect(strings.map((p) => p.weight)).toEqual([...relation(theirs).values()].sort((x, y) => x - y));
      expect(new Set(strings.map((p) => p.ilabels.join(' '))).size).toBe(strings.length);
    }
  });
});

function theirEquivalence(x: Fst, y: Fst): boolean {
  try {
    openFstBytes('fstequivalent', [], x, y);
    return true;
  } catch {
    return false;
  }
}
