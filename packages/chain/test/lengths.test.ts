import { DenominatorGraph, evaluateChain, mergeSupervisions, type Supervision } from '@jebena/chain';
import { threadedDenominator } from '@jebena/chain/node';
import { FstBuilder } from '@jebena/wfst';
import { expect, test, vi } from 'vitest';

const pdfs = 6;

let state = 7;
const draw = (): number => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};
const anyPdf = (): number => 1 + Math.floor(draw() * pdfs);

function denominator(states: number, arcs: number): DenominatorGraph {
  const b = new FstBuilder();
  b.ensureStates(states);
  b.setStart(0);
  for (let s = 0; s < states; s++)
    for (let a = 0; a < arcs; a++) {
      const label = anyPdf();
      b.addArc(s, label, label, Math.log(arcs), a === 0 ? (s + 1) % states : Math.floor(draw() * states));
    }
  return new DenominatorGraph(b.build(), pdfs);
}

/** What a transcript of some phones may be in so many frames. */
function supervision(phones: number, frames: number): Supervision {
  const b = new FstBuilder();
  b.ensureStates(phones + 1);
  b.setStart(0);
  b.setFinal(phones);
  for (let s = 0; s < phones; s++)
    for (const to of [s, s + 1]) {
      const label = anyPdf();
      b.addArc(to === s ? s + 1 : s, label, label, 0.7, s + 1);
    }
  return { weight: 1, numSequences: 1, framesPerSequence: frames, labelDim: pdfs, e2eFsts: [b.build()] };
}

const lengths = [20, 12, 7, 20, 15, 1, 9];
const most = 20;
const settings = { leakyHmmCoefficient: 0.1, l2Regularize: 0.01 };

function compare(graph: DenominatorGraph, more: object): void {
  const alone = lengths.map((frames) => {
    const data = Float32Array.from({ length: frames * pdfs }, () => 8 * draw() - 4);
    // One output is out of range.
    if (frames === 15) data[3] = 33;
    const output = { rows: frames, cols: pdfs, data };
    const given = supervision(Math.min(3, frames), frames);
    return { given, output, found: evaluateChain(graph, given, output, settings) };
  });
  const count = lengths.length;
  // What stands behind a sequence's end is anything, however large.
  const data = new Float32Array(most * count * pdfs).fill(50);
  alone.forEach(({ output }, n) => {
    for (let t = 0; t < output.rows; t++)
      data.set(output.data.subarray(t * pdfs, (t + 1) * pdfs), (t * count + n) * pdfs);
  });
  const padded = alone.map(({ given }, n): Supervision => ({
    ...given,
    framesPerSequence: most,
    lengths: Int32Array.of(lengths[n]!),
  }));
  const merged = mergeSupervisions(padded);
  expect([...merged.lengths!]).toEqual(lengths);
  const output = { rows: most * count, cols: pdfs, data };
  const found = evaluateChain(graph, merged, output, { ...settings, ...more });
  const sum = (of: 'objective' | 'l2Term' | 'weight'): number => alone.reduce((total, one) => total + one.found[of], 0);
  for (const of of ['objective', 'l2Term', 'weight'] as const) expect(found[of]).toBeCloseTo(sum(of), 4);
  expect(found.failed).toBe(false);
  alone.forEach(({ found: own }, n) => {
    for (let t = 0; t < most; t++)
      for (let p = 0; p < pdfs; p++) {
        const at = (t * count + n) * pdfs + p;
        const there = t < lengths[n]!;
        expect(found.derivative[at]).toBeCloseTo(there ? own.derivative[t * pdfs + p]! : 0, 5);
        expect(found.numeratorPosteriors[at]).toBeCloseTo(there ? own.numeratorPosteriors[t * pdfs + p]! : 0, 5);
      }
  });
}

test('sequences of different lengths in one batch are as each alone', () => compare(denominator(12, 3), {}));

test('so they are without WebAssembly', () => {
  vi.stubGlobal('WebAssembly', undefined);
  try {
    compare(denominator(12, 3), {});
  } finally {
    vi.unstubAllGlobals();
  }
});

test('so they are on threads', () => {
  lengths.push(...Array.from({ length: 20 }, (_, i) => 1 + ((5 * i) % most)));
  compare(denominator(400, 100), { denominatorPass: threadedDenominator(2) });
});
