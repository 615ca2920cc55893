import { DenominatorGraph, evaluateChain, numeratorForwardBackward, type Supervision } from '@jebena/chain';
import type { Matrix } from '@jebena/io-ark';
import { type Fst, FstBuilder } from '@jebena/wfst';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const pdfs = 3;
const frames = 3;

/** A graph of up to three states with loops and parallel arcs, by chance; the last state is final. */
const graphs = fc
  .record({
    states: fc.integer({ min: 1, max: 3 }),
    arcs: fc.array(
      fc.record({
        from: fc.nat(2),
        to: fc.nat(2),
        label: fc.integer({ min: 1, max: pdfs }),
        cost: fc.double({ min: 0.1, max: 2, noNaN: true }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    final: fc.double({ min: 0, max: 2, noNaN: true }),
  })
  .map(({ states, arcs, final }): Fst => {
    const b = new FstBuilder();
    b.ensureStates(states);
    b.setStart(0);
    b.setFinal(states - 1, final);
    // Each state leads on to the next and the last to itself, so that there is always a way.
    for (let s = 0; s < states; s++) b.addArc(s, s + 1, s + 1, 0.7, Math.min(s + 1, states - 1));
    for (const { from, to, label, cost } of arcs)
      if (from < states && to < states) b.addArc(from, label, label, cost, to);
    return b.build();
  });
const outputs = fc
  .array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: frames * pdfs, maxLength: frames * pdfs })
  .map((values): Matrix => ({ rows: frames, cols: pdfs, data: Float32Array.from(values) }));

interface Path {
  readonly score: number;
  readonly pdfs: readonly number[];
}

/** All paths of as many arcs as there are frames, with what arcs and outputs add up to. */
function paths(fst: Fst, x: Matrix, state: number, t: number, end: (state: number) => number, jump: Jumps): Path[] {
  const all: Path[] = [];
  for (const [from, leaked] of jump(state)) {
    if (t === frames) {
      if (end(from) > -Infinity) all.push({ score: leaked + end(from), pdfs: [] });
      continue;
    }
    for (let a = fst.firstArc[from]!; a < fst.firstArc[from + 1]!; a++) {
      const pdf = fst.ilabel[a]! - 1;
      const here = leaked - fst.weight[a]! + x.data[t * pdfs + pdf]!;
      for (const rest of paths(fst, x, fst.nextState[a]!, t + 1, end, jump))
        all.push({ score: here + rest.score, pdfs: [pdf, ...rest.pdfs] });
    }
  }
  return all;
}

/** Where a path may be at a frame's start that came to a state, and at what score. */
type Jumps = (state: number) => readonly (readonly [state: number, score: number])[];
const stay: Jumps = (state) => [[state, 0]];

const total = (all: readonly Path[]): number => Math.log(all.reduce((sum, { score }) => sum + Math.exp(score), 0));

/** How much of the paths' probability has a pdf at a frame: the derivative of the total. */
function posteriors(all: readonly Path[]): Float64Array {
  const found = new Float64Array(frames * pdfs);
  const sum = total(all);
  for (const { score, pdfs: along } of all)
    along.forEach((pdf, t) => (found[t * pdfs + pdf]! += Math.exp(score - sum)));
  return found;
}

const supervision = (fst: Fst): Supervision => ({
  weight: 1,
  numSequences: 1,
  framesPerSequence: frames,
  labelDim: pdfs,
  e2eFsts: [fst],
});
const close = (found: ArrayLike<number>, wanted: ArrayLike<number>, digits: number): void =>
  Array.from(wanted).forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));

test('k2: total scores of numerator and denominator, from the start to a final state, and their derivatives', () => {
  fc.assert(
    fc.property(graphs, graphs, outputs, (numerator, denominator, x) => {
      // MMI is the one less the other: both are a graph intersected with the outputs, summed in the log semiring.
      for (const fst of [numerator, denominator]) {
        const all = paths(fst, x, fst.start, 0, (s) => -fst.final[s]!, stay);
        const posterior = new Float32Array(frames * pdfs);
        const found = numeratorForwardBackward(supervision(fst), x, (at, p) => (posterior[at]! += p));
        if (all.length === 0) return void expect(found).toBe(-Infinity);
        expect(found).toBeCloseTo(total(all), 4);
        close(posterior, posteriors(all), 4);
      }
    }),
    { numRuns: 40 },
  );
});

test('PyChain: numerator in logarithms, denominator with a leak from every state to every state', () => {
  const leaky = 0.2;
  fc.assert(
    fc.property(graphs, graphs, outputs, (numerator, denominator, x) => {
      const graph = new DenominatorGraph(denominator, pdfs);
      const jump: Jumps = (state) => [
        [state, 0],
        ...Array.from(graph.initial, (p, s) => [s, Math.log(leaky * p)] as const).filter(
          ([, score]) => score > -Infinity,
        ),
      ];
      const all = Array.from(graph.initial).flatMap((p, s) =>
        p > 0
          ? paths(denominator, x, s, 0, () => 0, jump).map((path) => ({ ...path, score: path.score + Math.log(p) }))
          : [],
      );
      const said = paths(numerator, x, numerator.start, 0, (s) => -numerator.final[s]!, stay);
      const found = evaluateChain(graph, supervision(numerator), x, { leakyHmmCoefficient: leaky });
      if (said.length === 0 || all.length === 0) return void expect(found.failed).toBe(true);
      expect(found.objective).toBeCloseTo(total(said) - total(all), 4);
      const [up, down] = [posteriors(said), posteriors(all)];
      close(
        found.derivative,
        up.map((p, i) => p - down[i]!),
        4,
      );
    }),
    { numRuns: 40 },
  );
});
