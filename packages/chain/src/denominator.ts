import type { Matrix } from '@jebena/io-ark';
import { type DenominatorGraph } from './denominator-graph.js';
import { backwardStep, forwardStep, lanes } from './denominator-steps.js';

/** Outputs are held to this range before they are exponentiated, so that nothing overflows. */
export const outputLimit = 30;
/** The product of alpha and beta at the first frame is 1 but for rounding; beyond this, nothing can be trusted. */
const tolerance = 0.05;

export interface DenominatorResult {
  /** Log-probability of all sequences together. */
  readonly logProb: number;
  /** Whether forward and backward pass agree and are finite. */
  readonly ok: boolean;
}

/**
 * Forward-backward over the denominator graph for all sequences of a minibatch, with the leaky HMM: at every frame a
 * share of each sequence's probability, `leaky`, starts anew by the graph's initial probabilities. Probabilities are
 * scaled by their sum at each frame (Povey et al., "Purely sequence-trained neural networks for ASR based on
 * lattice-free MMI", 2016; chain/chain-denominator.cc).
 *
 * @param output rows ordered by frame, then by sequence; a column for each pdf
 * @param derivative of the output's shape: `-scale` times the posteriors is added to it
 */
export function denominatorForwardBackward(
  graph: DenominatorGraph,
  output: Matrix,
  sequences: number,
  leaky: number,
  scale: number,
  derivative: Float32Array,
): DenominatorResult {
  const { numStates, numPdfs, initial, entering, leaving } = graph;
  const frames = output.rows / sequences;
  const width = Math.ceil(sequences / lanes) * lanes;
  const size = numStates * width;
  const layer = numPdfs * width;
  const x = exponentiated(output, sequences, width);
  const alpha = new Float32Array((frames + 1) * size);
  const inverse = Array.from({ length: frames + 1 }, () => new Float32Array(width));
  let logProb = 0;
  const frame = (t: number): Float32Array => alpha.subarray(t * size, (t + 1) * size);
  for (let t = 0; t <= frames; t++) {
    const now = frame(t);
    if (t > 0) forwardStep(entering, width, frame(t - 1), x.subarray((t - 1) * layer, t * layer), inverse[t - 1]!, now);
    else for (let h = 0; h < numStates; h++) now.fill(initial[h]!, h * width, (h + 1) * width);
    const totals = columnSums(now, width);
    for (let n = 0; n < width; n++) {
      inverse[t]![n] = 1 / totals[n]!;
      // The last frame's total has the leak in it: its states are all final.
      if (n < sequences) logProb += Math.log(t < frames ? totals[n]! : totals[n]! * (1 + leaky * sum(initial)));
    }
    addOuter(now, initial, totals, leaky);
  }

  let beta = new Float32Array(size);
  let earlier = new Float32Array(size);
  const lastTotals = columnSums(frame(frames), width);
  for (let i = 0; i < size; i++) beta[i] = 1 / lastTotals[i % width]!;
  const posterior = new Float32Array(layer);
  for (let t = frames - 1; t >= 0; t--) {
    leakBack(beta, initial, leaky, width);
    posterior.fill(0);
    backwardStep(
      leaving,
      width,
      beta,
      x.subarray(t * layer, (t + 1) * layer),
      inverse[t]!,
      frame(t),
      earlier,
      posterior,
    );
    [beta, earlier] = [earlier, beta];
    for (let n = 0; n < sequences; n++)
      for (let p = 0, at = (t * sequences + n) * numPdfs; p < numPdfs; p++, at++)
        derivative[at]! -= scale * posterior[p * width + n]!;
  }
  return { logProb, ok: Number.isFinite(logProb) && agrees(frame(0), beta, sequences, width) };
}

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

/** exp of the outputs, laid out by frame, pdf, sequence. Columns that no sequence has hold ones. */
function exponentiated(output: Matrix, sequences: number, width: number): Float32Array {
  const { rows, cols, data } = output;
  const x = new Float32Array((rows / sequences) * cols * width).fill(1);
  for (let r = 0; r < rows; r++) {
    const at = Math.floor(r / sequences) * cols * width + (r % sequences);
    for (let p = 0; p < cols; p++)
      x[at + p * width] = Math.exp(Math.min(Math.max(data[r * cols + p]!, -outputLimit), outputLimit));
  }
  return x;
}

function columnSums(m: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < m.length; i += width) for (let n = 0; n < width; n++) sums[n]! += m[i + n]!;
  return sums;
}

/** m[h][n] += scale * column[h] * row[n] */
function addOuter(m: Float32Array, column: Float32Array, row: Float64Array, scale: number): void {
  const width = row.length;
  for (let h = 0; h < column.length; h++) {
    const factor = scale * column[h]!;
    for (let n = 0; n < width; n++) m[h * width + n]! += factor * row[n]!;
  }
}

/** What the leak makes of beta: from every state, all states can be reached by their initial probabilities. */
function leakBack(beta: Float32Array, initial: Float32Array, leaky: number, width: number): void {
  const extra = new Float64Array(width);
  for (let h = 0; h < initial.length; h++)
    for (let n = 0; n < width; n++) extra[n]! += leaky * initial[h]! * beta[h * width + n]!;
  for (let h = 0; h < initial.length; h++) for (let n = 0; n < width; n++) beta[h * width + n]! += extra[n]!;
}

function agrees(alpha: Float32Array, beta: Float32Array, sequences: number, width: number): boolean {
  for (let n = 0; n < sequences; n++) {
    let product = 0;
    for (let i = n; i < alpha.length; i += width) product += alpha[i]! * beta[i]!;
    if (!(Math.abs(product - 1) < tolerance)) return false;
  }
  return true;
}
