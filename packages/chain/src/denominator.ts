import type { Matrix } from '@jebena/io-ark';
import type { DenominatorGraph } from './denominator-graph.js';
import { type DenominatorKernel, denominatorKernel } from './denominator-kernel.js';

/** The product of alpha and beta at the first frame is 1 but for rounding; beyond this, nothing can be trusted. */
const tolerance = 0.05;

/** Some sequences of a minibatch that follow each other. */
export interface SequenceRange {
  readonly first: number;
  readonly count: number;
}

/** What is gone over of a minibatch. */
export interface DenominatorScope {
  /** The sequences. Default: all. */
  readonly only?: SequenceRange | undefined;
  /** Frames of each sequence of the minibatch, where some end earlier: the rest of them is not looked at. */
  readonly lengths?: ArrayLike<number> | undefined;
}

export interface DenominatorResult {
  /** Log-probability of all sequences together. */
  readonly logProb: number;
  /** The largest absolute output; NaN where one is. */
  readonly largest: number;
  /** Whether forward and backward pass agree and are finite. */
  readonly ok: boolean;
}

/** {@link denominatorForwardBackward}, or what does the same in another way. */
export type DenominatorPass = (
  graph: DenominatorGraph,
  output: Matrix,
  sequences: number,
  leaky: number,
  scale: number,
  derivative: Float32Array,
  scope?: Pick<DenominatorScope, 'lengths'>,
) => DenominatorResult;

/**
 * Forward-backward over the denominator graph for all sequences of a minibatch, with the leaky HMM: at every frame a
 * share of each sequence's probability, `leaky`, starts anew by the graph's initial probabilities. Probabilities are
 * scaled by their sum at each frame (Povey et al., "Purely sequence-trained neural networks for ASR based on
 * lattice-free MMI", 2016; chain/chain-denominator.cc).
 *
 * @param output rows ordered by frame, then by sequence; a column for each pdf
 * @param derivative of the output's shape: becomes `-scale` times the posteriors
 * @param scope what is gone over, and what the result speaks of
 */
export function denominatorForwardBackward(
  graph: DenominatorGraph,
  output: Matrix,
  sequences: number,
  leaky: number,
  scale: number,
  derivative: Float32Array,
  { only = { first: 0, count: sequences }, lengths }: DenominatorScope = {},
): DenominatorResult {
  const frames = output.rows / sequences;
  const kernel = denominatorKernel(graph, only.count, frames);
  const leak = Math.log1p(leaky * graph.initial.reduce((a, b) => a + b, 0));
  let logProb = 0;
  let ok = true;
  let largest = 0;
  const end = only.first + only.count;
  for (let first = only.first; first < end; first += kernel.lanes) {
    const count = Math.min(kernel.lanes, end - first);
    const place = (t: number): number => (t * sequences + first) * output.cols;
    const lengthOf = (n: number): number => lengths?.[first + n] ?? frames;
    // Only sequences that go on count.
    const addTotals = (t: number): void => {
      for (let n = 0; n < count; n++) if (t < lengthOf(n)) logProb += Math.log(kernel.totals[n]!);
    };
    const blank = (t: number): void => {
      for (let n = 0; lengths && n < count; n++)
        if (t >= lengthOf(n)) kernel.rows.fill(0, n * kernel.stride, (n + 1) * kernel.stride);
    };
    kernel.rows.fill(0);
    kernel.largest.fill(0);
    kernel.start(leaky);
    addTotals(-1);
    for (let t = 0; t < frames; t++) {
      putRows(kernel, output, place(t), count);
      blank(t);
      kernel.forward(t);
      addTotals(t);
    }
    // At the last frame all states are final, those reached by the leak too.
    logProb += count * leak;
    kernel.end();
    for (let t = frames - 1; t >= 0; t--) {
      for (let n = 0; lengths && n < count; n++) if (t === lengthOf(n) - 1) kernel.endOf(n);
      kernel.backward(t, -scale);
      blank(t);
      takeRows(kernel, derivative, output.cols, place(t), count);
    }
    for (const value of kernel.largest) largest = Math.max(largest, value);
    for (const product of kernel.agreement().subarray(0, count)) ok &&= Math.abs(product - 1) < tolerance;
  }
  return { logProb, largest, ok: ok && Number.isFinite(logProb) };
}

/** Rows of sequences that follow each other, at one frame, into the kernel. */
function putRows({ rows, stride }: DenominatorKernel, { cols, data }: Matrix, at: number, count: number): void {
  if (stride === cols) rows.set(data.subarray(at, at + count * cols));
  else for (let n = 0; n < count; n++) rows.set(data.subarray(at + n * cols, at + (n + 1) * cols), n * stride);
}

function takeRows(
  { rows, stride }: DenominatorKernel,
  into: Float32Array,
  cols: number,
  at: number,
  count: number,
): void {
  if (stride === cols) into.set(rows.subarray(0, count * cols), at);
  else for (let n = 0; n < count; n++) into.set(rows.subarray(n * stride, n * stride + cols), at + n * cols);
}
