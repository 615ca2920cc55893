import type { DenominatorGraph } from './denominator-graph.js';
import type { DenominatorKernel, KernelSize } from './denominator-kernel.js';
import { backwardStep, forwardStep } from './denominator-steps.js';
import { outputLimit } from './output-limit.js';

/** The kernel in JavaScript alone, for hosts without WebAssembly's vectors. */
export function plainKernel(graph: DenominatorGraph, { lanes, frames }: KernelSize): DenominatorKernel {
  const { numStates, numPdfs, initial, entering, leaving } = graph;
  const states = numStates * lanes;
  const pdfs = numPdfs * lanes;
  const alpha = new Float32Array((frames + 1) * states);
  const x = new Float32Array(frames * pdfs);
  const inverse = new Float32Array((frames + 1) * lanes);
  const posterior = new Float32Array(pdfs);
  const rows = new Float32Array(pdfs);
  const totals = new Float32Array(lanes);
  const largest = new Float32Array(1);
  const sum = initial.reduce((a, b) => a + b, 0);
  let leak = initial;
  let later = new Float32Array(states);
  let earlier = new Float32Array(states);
  const frameOf = (all: Float32Array, size: number, t: number): Float32Array => all.subarray(t * size, (t + 1) * size);
  return {
    lanes,
    stride: numPdfs,
    rows,
    totals,
    largest,
    start: (leaky) => {
      leak = initial.map((p) => leaky * p);
      totals.fill(sum);
      for (let h = 0; h < numStates; h++) alpha.fill(initial[h]! / sum + leak[h]!, h * lanes, (h + 1) * lanes);
    },
    forward: (t) => {
      const now = frameOf(x, pdfs, t);
      for (let n = 0; n < lanes; n++)
        for (let p = 0; p < numPdfs; p++) {
          const output = rows[n * numPdfs + p]!;
          largest[0] = Math.max(largest[0]!, Math.abs(output));
          now[p * lanes + n] = Math.exp(Math.min(Math.max(output, -outputLimit), outputLimit));
        }
      const after = frameOf(alpha, states, t + 1);
      forwardStep(entering, lanes, frameOf(alpha, states, t), now, after);
      totals.fill(0);
      for (let i = 0; i < states; i++) totals[i % lanes]! += after[i]!;
      const scale = frameOf(inverse, lanes, t + 1);
      for (let n = 0; n < lanes; n++) scale[n] = 1 / totals[n]!;
      for (let i = 0; i < states; i++) after[i] = after[i]! * scale[i % lanes]! + leak[Math.floor(i / lanes)]!;
    },
    end: () => {
      later.fill(1);
    },
    endOf: (n) => fillColumn(later, lanes, n),
    backward: (t, scale) => {
      posterior.fill(0);
      const factor = frameOf(inverse, lanes, t + 1);
      backwardStep(leaving, lanes, later, frameOf(x, pdfs, t), factor, frameOf(alpha, states, t), earlier, posterior);
      [later, earlier] = [earlier, later];
      leakBack(later, leak, lanes);
      for (let n = 0; n < lanes; n++)
        for (let p = 0; p < numPdfs; p++) rows[n * numPdfs + p] = scale * posterior[p * lanes + n]!;
    },
    agreement: () => agreement(initial, later, lanes),
  };
}

/** Beta of the end for one sequence. */
export function fillColumn(beta: Float32Array, lanes: number, n: number): void {
  for (let i = n; i < beta.length; i += lanes) beta[i] = 1;
}

/** What the leak makes of beta: from every state, all states can be reached by their initial probabilities. */
function leakBack(beta: Float32Array, leak: Float32Array, lanes: number): void {
  const extra = new Float32Array(lanes);
  for (let i = 0; i < beta.length; i++) extra[i % lanes]! += leak[Math.floor(i / lanes)]! * beta[i]!;
  for (let i = 0; i < beta.length; i++) beta[i]! += extra[i % lanes]!;
}

/** Beta of the first frame, of each sequence, by the initial probabilities. */
export function agreement(initial: Float32Array, beta: Float32Array, lanes: number): Float64Array {
  const sum = initial.reduce((a, b) => a + b, 0);
  const products = new Float64Array(lanes);
  initial.forEach((p, h) => {
    for (let n = 0; n < lanes; n++) products[n]! += (p / sum) * beta[h * lanes + n]!;
  });
  return products;
}
