import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Fst,
  FstBuilder,
  arcSort,
  compose,
  computeProperties,
  connect,
  determinize,
  determinizeStar,
  equivalent,
  isArcSorted,
  minimizeEncoded,
  parseFst,
  Property,
  project,
  pushSpecial,
  randomPaths,
  randomlyEquivalent,
  readFst,
  removeEpsilons,
  reverse,
  rmEpsLocal,
  shortestDistance,
  topSort,
} from '@jebena/wfst';
import { shared, testShared } from '../../../test/support/shared.js';
import { randomFst } from './support/random-fst.js';
import { composedRelation, expectSameRelation, relation } from './support/relation.js';

const has = (fst: Fst, property: bigint): boolean => (computeProperties(fst) & property) !== 0n;

describe('on random acyclic machines, against every path walked', () => {
  const keepsMeaning = (name: string, operation: (fst: Fst) => Fst, shape = {}): void =>
    test(`${name} keeps the relation`, () => {
      fc.assert(
        fc.property(randomFst(shape), (fst) => {
          expectSameRelation(relation(operation(fst)), relation(fst));
        }),
      );
    });
  keepsMeaning('connect', connect);
  keepsMeaning('arcSort', (fst) => arcSort(fst, { by: 'olabel' }));
  keepsMeaning('topSort', (fst) => topSort(fst)!);
  keepsMeaning('minimizeEncoded', (fst) => minimizeEncoded(fst));
  keepsMeaning('removeEpsilons', (fst) => removeEpsilons(fst));
  keepsMeaning('removeEpsilons (log)', (fst) => removeEpsilons(fst), { semiring: 'log' });
  keepsMeaning('rmEpsLocal', rmEpsLocal);
  keepsMeaning('pushSpecial', (fst) => pushSpecial(connect(fst)));
  keepsMeaning('determinizeStar', (fst) => determinizeStar(fst), { acceptor: true });
  keepsMeaning('determinizeStar (log)', (fst) => determinizeStar(fst), { acceptor: true, semiring: 'log' });
  keepsMeaning('determinize', (fst) => determinize(fst), { acceptor: true });
  keepsMeaning('reverse, twice', (fst) => reverse(reverse(fst)));

  test('compose joins the relations', () => {
    fc.assert(
      fc.property(randomFst({ states: 5, arcs: 8 }), randomFst({ states: 5, arcs: 8 }), (a, b) => {
        const wanted = composedRelation(relation(a), relation(b));
        expectSameRelation(relation(compose(a, b)), wanted);
        expectSameRelation(relation(compose(a, b, { lookAhead: true })), wanted);
      }),
      { numRuns: 300 },
    );
  });

  test('compose counts no path twice', () => {
    fc.assert(
      fc.property(randomFst({ states: 4, arcs: 7, semiring: 'log' }), randomFst({ states: 4, arcs: 7 }), (a, b) => {
        const total = shortestDistance(compose(a, b), { reverse: true })[0] ?? Infinity;
        let paths = Infinity;
        const sums = (fst: Fst): Map<string, number> => relation(fst, 'log');
        for (const [xy, cost] of sums(a))
          for (const [yz, more] of sums(b))
            if (xy.split(':')[1] === yz.split(':')[0])
              paths = paths === Infinity ? cost + more : -Math.log(Math.exp(-paths) + Math.exp(-cost - more));
        const close = total === paths || Math.abs(total - paths) < 1e-3;
        expect({ total, paths, close }).toMatchObject({ close: true });
      }),
      { numRuns: 300 },
    );
  });

  test('determinizeStar of a functional transducer keeps the relation; of another it says so', () => {
    fc.assert(
      fc.property(randomFst({ arcs: 8 }), (fst) => {
        const wanted = relation(fst);
        const inputs = [...wanted.keys()].map((key) => key.split(':')[0]);
        const functional = new Set(inputs).size === inputs.length;
        let found: Fst | undefined;
        try {
          found = determinizeStar(connect(fst));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_FST_NOT_FUNCTIONAL' });
        }
        // A non-functional machine is caught only where its outputs meet in one state.
        if (functional) expect(found).toBeDefined();
        if (found) expectSameRelation(relation(found), wanted);
      }),
      { numRuns: 500 },
    );
  });

  test('results are what they are named for', () => {
    fc.assert(
      fc.property(randomFst({ acceptor: true }), (fst) => {
        expect(has(determinizeStar(fst), Property.inputDeterministic)).toBe(true);
        expect(has(determinizeStar(fst), Property.noInputEpsilons)).toBe(true);
        expect(has(removeEpsilons(fst), Property.noEpsilons)).toBe(true);
        expect(isArcSorted(arcSort(fst), 'ilabel')).toBe(true);
        expect(has(topSort(fst)!, Property.topSorted)).toBe(true);
        expect(rmEpsLocal(fst).numArcs).toBeLessThanOrEqual(fst.numArcs);
      }),
    );
  });
});

test('what cannot be determinized is told, not tried forever', () => {
  const costs = parseFst('0 1 1 1\n0 2 1 1\n1 1 2 2 1\n2 2 2 2 2\n1 3 3 3\n2 3 4 4\n3\n');
  expect(() => determinizeStar(costs)).toThrow(expect.objectContaining({ code: 'ERR_FST_NOT_DETERMINIZABLE' }));
  const outputs = parseFst('0 1 1 1\n0 2 1 2\n1 1 2 1\n2 2 2 2\n1 3 3 0\n2 3 4 0\n3\n');
  expect(() => determinizeStar(outputs)).toThrow(expect.objectContaining({ code: 'ERR_FST_NOT_DETERMINIZABLE' }));
  const homophones = parseFst('0 0 1 1\n0 0 1 2\n0\n');
  expect(() => determinizeStar(homophones)).toThrow(expect.objectContaining({ code: 'ERR_FST_NOT_FUNCTIONAL' }));
  const endless = parseFst('0 1 0 0 -1\n1 0 0 0 -1\n1 2 1 1\n2\n');
  expect(() => determinizeStar(endless)).toThrow(expect.objectContaining({ code: 'ERR_FST_NEGATIVE_CYCLE' }));
  expect(() => removeEpsilons(endless)).toThrow(expect.objectContaining({ code: 'ERR_FST_NEGATIVE_CYCLE' }));
  expect(() => shortestDistance(endless)).toThrow(expect.objectContaining({ code: 'ERR_FST_NEGATIVE_CYCLE' }));
});

test('minimizeEncoded merges a cyclic machine to as many states as it has kinds', () => {
  // A cycle of six states that counts to three, twice.
  const b = new FstBuilder();
  b.ensureStates(6);
  b.setStart(0);
  for (let s = 0; s < 6; s++) {
    b.addArc(s, 1, 1, 0.5, (s + 1) % 6);
    b.addArc(s, 2, 3, 0, s);
  }
  b.setFinal(0);
  b.setFinal(3);
  expect(minimizeEncoded(b.build()).numStates).toBe(3);
});

testShared("Kaldi's recipe for LG gives a machine of Kaldi's size", () => {
  const [lexicon, grammar, lg] = ['L_disambig', 'G', 'LG'].map((name) =>
    readFst(readFileSync(shared(`golden/hmm/${name}.fst`))),
  );
  const made = pushSpecial(minimizeEncoded(determinizeStar(compose(lexicon!, grammar!), { semiring: 'log' })));
  expect([made.numStates, made.numArcs]).toEqual([lg!.numStates, lg!.numArcs]);
  expect(randomlyEquivalent(made, lg!, { paths: 50, select: 'probability', seed: 3 })).toBe(true);
  expect(equivalent(project(made, 'output'), project(lg!, 'output'), { delta: 0.01 })).toBe(true);
  const dearer = lg!.with({ weight: lg!.weight.map((w, a) => (a === 7 ? w + 1 : w)) });
  expect(randomlyEquivalent(made, dearer, { paths: 50, seed: 3 })).toBe(false);
  expect(equivalent(lg!, dearer)).toBe(false);
});

test('look-ahead leaves out what would lead nowhere', () => {
  // A tree of words that are known only at their ends: 1 1 1 -> 1, 1 1 2 -> 2, 1 2 1 -> 3, 1 2 2 -> 4.
  const tree = parseFst('0 1 1 0\n1 2 1 0\n1 3 2 0\n2 4 1 1\n2 4 2 2\n3 4 1 3\n3 4 2 4\n4\n');
  const grammar = parseFst('0 1 4 4\n1\n');
  const plain = compose(tree, grammar, { connect: false });
  const ahead = compose(tree, grammar, { connect: false, lookAhead: true });
  expect([plain.numStates, ahead.numStates]).toEqual([5, 4]);
  expect(equivalent(plain, ahead)).toBe(true);
  expect(compose(tree, parseFst('0 1 9 9\n1\n'), { connect: false, lookAhead: true }).numStates).toBe(1);
});

test('random paths: one seed, one sequence; costs and strings belong together', () => {
  fc.assert(
    fc.property(randomFst({}), fc.integer(), (fst, seed) => {
      const wanted = relation(fst);
      if (wanted.size === 0) return void expect(() => randomPaths(fst).next()).toThrow('no path');
      const [once, again] = [randomPaths(fst, { seed }), randomPaths(fst, { seed })];
      for (let i = 0; i < 5; i++) {
        const path = once.next().value;
        expect(again.next().value).toEqual(path);
        const text = (labels: Int32Array): string => Array.from(labels, (label) => ` ${label}`).join('');
        expect(path.weight).toBeGreaterThanOrEqual(wanted.get(`${text(path.ilabels)}:${text(path.olabels)}`)!);
      }
    }),
  );
});
