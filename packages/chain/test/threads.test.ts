import { DenominatorGraph, denominatorForwardBackward } from '@jebena/chain';
import { threadedDenominator } from '@jebena/chain/node';
import { FstBuilder } from '@jebena/wfst';
import { expect, test } from 'vitest';

const [states, arcs, pdfs, frames] = [1000, 40_000, 200, 20];

let state = 1;
const draw = (): number => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};

/** A graph that is large enough for threads to be worth their while. */
function graph(): DenominatorGraph {
  const b = new FstBuilder({ states, arcs });
  b.ensureStates(states);
  b.setStart(0);
  for (let s = 0; s < states; s++)
    for (let a = 0; a < arcs / states; a++) {
      const label = 1 + Math.floor(draw() * pdfs);
      b.addArc(s, label, label, Math.log(arcs / states), a === 0 ? (s + 1) % states : Math.floor(draw() * states));
    }
  return new DenominatorGraph(b.build(), pdfs);
}

test.each([
  [2, 48],
  [2, 40],
  [3, 57],
  [8, 33],
])('%d threads give %d sequences the derivative that one does, to the last bit', (threads, sequences) => {
  const denominator = graph();
  const rows = sequences * frames;
  const output = { rows, cols: pdfs, data: Float32Array.from({ length: rows * pdfs }, () => 6 * draw() - 3) };
  output.data[pdfs * (rows - 1)] = -31;
  const [alone, shared] = [new Float32Array(rows * pdfs), new Float32Array(rows * pdfs)];
  const one = denominatorForwardBackward(denominator, output, sequences, 0.1, 0.7, alone);
  const pass = threadedDenominator(threads);
  // The second time the memory is there already, and holds what the first left.
  for (let round = 0; round < 2; round++) {
    shared.fill(5);
    const many = pass(denominator, output, sequences, 0.1, 0.7, shared);
    expect(many.logProb).toBeCloseTo(one.logProb, 8);
    expect([many.largest, many.ok]).toEqual([31, true]);
    expect(Buffer.compare(Buffer.from(alone.buffer), Buffer.from(shared.buffer))).toBe(0);
  }
});
