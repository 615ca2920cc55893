import { readFileSync } from 'node:fs';
import { DenominatorGraph, evaluateChain, type Supervision } from '@jebena/chain';
import { type Fst, parseFst, readFst } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const pdfs = 3;
/** Two states, each with several ways out; labels are pdf + 1. */
const den = parseFst('0 0 1 1 1.2\n0 1 2 2 0.7\n1 1 3 3 0.4\n1 0 1 1 1.5\n0 0.9\n1 2.0\n');
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 31 - 1;
};
const matrix = (rows: number, cols: number, seed: number, scale = 1) => {
  const draw = random(seed);
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, () => scale * draw()) };
};

/** The scores of all paths from a state, of as many arcs as there are frames left. */
function enumerate(
  fst: Fst,
  state: number,
  t: number,
  frames: number,
  x: (t: number, pdf: number) => number,
): number[] {
  if (t === frames) return [0];
  const sums: number[] = [];
  for (let a = fst.firstArc[state]!; a < fst.firstArc[state + 1]!; a++)
    for (const rest of enumerate(fst, fst.nextState[a]!, t + 1, frames, x))
      sums.push(rest - fst.weight[a]! + x(t, fst.ilabel[a]! - 1));
  return sums;
}
const logSum = (values: number[]): number => Math.log(values.reduce((sum, v) => sum + Math.exp(v), 0));

/** Two sequences of three frames; the second sequence's acceptor follows the first's. */
const supervision: Supervision = {
  weight: 0.5,
  numSequences: 2,
  framesPerSequence: 3,
  labelDim: pdfs,
  fst: parseFst('0 1 1 1\n0 1 2 2 0.3\n1 2 2 2\n2 3 3 3 0.1\n3 4 1 1\n4 5 2 2\n4 5 1 1 0.2\n5 6 3 3\n6 0.25\n'),
};
const numerators = [
  [0, 1, 2],
  [1, 1, 2],
].map((path, i) => ({ path, cost: 0.1 + [0, 0.3][i]! }));
const second = [
  { path: [0, 1, 2], cost: 0.25 },
  { path: [0, 0, 2], cost: 0.45 },
];

describe('the objective on tiny graphs', () => {
  const graph = new DenominatorGraph(den, pdfs);
  const output = matrix(6, pdfs, 5);
  const x = (n: number) => (t: number, pdf: number) => output.data[(t * 2 + n) * pdfs + pdf]!;

  test('is what all paths, enumerated, sum up to', () => {
    const along = (n: number, ways: { path: number[]; cost: number }[]) =>
      logSum(ways.map(({ path, cost }) => path.reduce((sum, pdf, t) => sum + x(n)(t, pdf), -cost)));
    const numerator = along(0, numerators) + along(1, second);
    // Without a leak: from each state by its initial probability, and every state is final.
    const denominator = [0, 1].map((n) =>
      logSum([0, 1].flatMap((s) => enumerate(den, s, 0, 3, x(n)).map((score) => score + Math.log(graph.initial[s]!)))),
    );
    const found = evaluateChain(graph, supervision, output, { leakyHmmCoefficient: 1e-9 });
    expect(found.objective).toBeCloseTo(0.5 * (numerator - denominator[0]! - denominator[1]!), 5);
    expect(found.weight).toBe(3);
    expect(found.failed).toBe(false);
  });

  test('the leak is an epsilon from every state to every state', () => {
    const leaky = 0.3;
    // One frame at a time: alpha' = alpha + leak * sum(alpha) * initial.
    const expected = [0, 1].map((n) => {
      const leak = (alpha: number[]) => alpha.map((a, s) => a + leaky * (alpha[0]! + alpha[1]!) * graph.initial[s]!);
      let alpha = leak(Array.from(graph.initial));
      for (let t = 0; t < 3; t++) {
        const next = [0, 0];
        for (let s = 0; s < 2; s++)
          for (let a = den.firstArc[s]!; a < den.firstArc[s + 1]!; a++)
            next[den.nextState[a]!]! += alpha[s]! * Math.exp(x(n)(t, den.ilabel[a]! - 1) - den.weight[a]!);
        alpha = leak(next);
      }
      return Math.log(alpha[0]! + alpha[1]!);
    });
    const settings = { leakyHmmCoefficient: leaky };
    const one = evaluateChain(graph, supervision, output, settings);
    const none = evaluateChain(graph, supervision, output, { leakyHmmCoefficient: 1e-9 });
    const bare = [0, 1].map((n) =>
      logSum([0, 1].flatMap((s) => enumerate(den, s, 0, 3, x(n)).map((v) => v + Math.log(graph.initial[s]!)))),
    );
    expect(none.objective - one.objective).toBeCloseTo(0.5 * (expected[0]! + expected[1]! - bare[0]! - bare[1]!), 5);
  });

  const e2e: Supervision = {
    ...supervision,
    fst: undefined,
    e2eFsts: [parseFst('0 0 1 1 0.5\n0 1 2 2 0.3\n1 1 2 2\n1 0.1\n'), parseFst('0 1 3 3\n1 1 1 1 0.7\n1 2 2 2\n2\n')],
  };
  test.each([
    ['aligned', supervision],
    ['end to end', e2e],
  ])('the derivative is the numeric one, %s', (_, kind) => {
    const settings = { leakyHmmCoefficient: 0.2, l2Regularize: 0.03 };
    const { derivative, numeratorPosteriors } = evaluateChain(graph, kind, output, settings);
    const step = 1e-2;
    const valueAt = (i: number, by: number): number => {
      const moved = { ...output, data: output.data.slice() };
      moved.data[i]! += by;
      const { objective, l2Term } = evaluateChain(graph, kind, moved, settings);
      return (objective + l2Term) / (2 * (moved.data[i]! - output.data[i]!));
    };
    for (let i = 0; i < derivative.length; i++)
      expect(derivative[i]).toBeCloseTo(valueAt(i, step) + valueAt(i, -step), 3);
    // Each frame of each sequence is some pdf.
    for (let r = 0; r < 6; r++)
      expect(numeratorPosteriors.subarray(r * pdfs, (r + 1) * pdfs).reduce((a, b) => a + b)).toBeCloseTo(0.5, 5);
  });

  test('outputs out of range are drawn back', () => {
    const far = { ...output, data: output.data.slice() };
    far.data[4] = 35;
    const [drawn, free] = [0.01, 0].map((outOfRangeRegularize) =>
      evaluateChain(graph, supervision, far, { outOfRangeRegularize }),
    );
    expect(drawn!.objective).toBe(free!.objective);
    expect(drawn!.derivative[4]! - free!.derivative[4]!).toBeCloseTo(-0.05, 5);
  });

  test('what is not finite does no harm', () => {
    const bad = { ...output, data: output.data.slice() };
    bad.data[7] = NaN;
    const found = evaluateChain(graph, supervision, bad, { l2Regularize: 1 });
    expect(found).toMatchObject({ failed: true, objective: -30, l2Term: 0 });
    expect(found.derivative.every((d) => d === 0)).toBe(true);
    // A numerator with no way through: three frames cannot be had from one arc.
    const short = { ...supervision, numSequences: 2, fst: undefined, e2eFsts: [den, parseFst('0 1 1 1\n1\n')] };
    expect(evaluateChain(graph, short, output).failed).toBe(true);
  });

  test('what does not fit is refused', () => {
    expect(() => evaluateChain(graph, supervision, matrix(4, pdfs, 1))).toThrow('expected 6 rows of 3 pdfs, found 4');
    expect(() => evaluateChain(graph, { ...supervision, framesPerSequence: 2 }, matrix(4, pdfs, 1))).toThrow(
      'expected paths of 4 frames',
    );
    expect(() => new DenominatorGraph(den, 2)).toThrow('expected labels (pdf + 1) from 1 to 2, found 3');
    expect(() => evaluateChain(graph, supervision, output, { leakyHmmCoefficient: 0 })).toThrow('in (0, 1), found 0');
  });
});

testShared('each sequence of a batch has what it has alone, whatever the batch is padded to', () => {
  const den = readFst(readFileSync(shared('golden/chain/den.fst')));
  const used = den.ilabel.reduce((a, b) => Math.max(a, b), 0);
  const graph = new DenominatorGraph(den, used);
  const frames = 7;
  const line = Array.from({ length: frames }, (_, t) => `${t} ${t + 1} 1 1`).join('\n');
  const one: Supervision = {
    weight: 1,
    numSequences: 1,
    framesPerSequence: frames,
    labelDim: used,
    e2eFsts: [parseFst(`${line}\n${frames}\n`)],
  };
  const sequences = 5;
  const all = matrix(frames * sequences, used, 11, 4);
  const together = evaluateChain(
    graph,
    { ...one, numSequences: sequences, e2eFsts: Array.from({ length: sequences }, () => one.e2eFsts![0]!) },
    all,
    { leakyHmmCoefficient: 0.1 },
  );
  let objective = 0;
  for (let n = 0; n < sequences; n++) {
    const data = new Float32Array(frames * used);
    for (let t = 0; t < frames; t++)
      data.set(all.data.subarray((t * sequences + n) * used, (t * sequences + n + 1) * used), t * used);
    const alone = evaluateChain(graph, one, { rows: frames, cols: used, data }, { leakyHmmCoefficient: 0.1 });
    objective += alone.objective;
    for (let t = 0; t < frames; t++)
      for (let p = 0; p < used; p++)
        expect(together.derivative[(t * sequences + n) * used + p]).toBeCloseTo(alone.derivative[t * used + p]!, 5);
  }
  expect(together.objective).toBeCloseTo(objective, 3);
});
