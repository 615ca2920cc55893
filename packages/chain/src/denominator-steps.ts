import type { GroupedArcs } from './denominator-graph.js';

/**
 * The two hot loops of the denominator: one frame forward, one frame backward, for all sequences at once. Matrices
 * here have a row for each state or pdf and a column for each sequence, `width` of them, a multiple of `lanes`.
 *
 * Four sequences are carried at a time in local variables: the sums stay in registers over all arcs of a state, and
 * the four chains of additions do not wait for each other.
 */
const lanes = 4;

/** after[h] = sum over arcs g -> h of before[g] * probability * x[pdf] */
export function forwardStep(
  { first, state, pdf, probability }: GroupedArcs,
  width: number,
  before: Float32Array,
  x: Float32Array,
  after: Float32Array,
): void {
  const numStates = first.length - 1;
  for (let h = 0; h < numStates; h++) {
    const begin = first[h]!;
    const end = first[h + 1]!;
    for (let n = 0; n < width; n += lanes) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let a = begin; a < end; a++) {
        const p = probability[a]!;
        const g = state[a]! * width + n;
        const q = pdf[a]! * width + n;
        s0 += p * before[g]! * x[q]!;
        s1 += p * before[g + 1]! * x[q + 1]!;
        s2 += p * before[g + 2]! * x[q + 2]!;
        s3 += p * before[g + 3]! * x[q + 3]!;
      }
      const at = h * width + n;
      after[at] = s0;
      after[at + 1] = s1;
      after[at + 2] = s2;
      after[at + 3] = s3;
    }
  }
}

/**
 * before[g] = scale * (sum over arcs g -> h of probability * x[pdf] * after[h]); each arc's share times alpha[g] is
 * added to its pdf's posterior.
 */
export function backwardStep(
  { first, state, pdf, probability }: GroupedArcs,
  width: number,
  after: Float32Array,
  x: Float32Array,
  scale: Float32Array,
  alpha: Float32Array,
  before: Float32Array,
  posterior: Float32Array,
): void {
  const numStates = first.length - 1;
  for (let g = 0; g < numStates; g++) {
    const begin = first[g]!;
    const end = first[g + 1]!;
    for (let n = 0; n < width; n += lanes) {
      const at = g * width + n;
      const a0 = alpha[at]! * scale[n]!;
      const a1 = alpha[at + 1]! * scale[n + 1]!;
      const a2 = alpha[at + 2]! * scale[n + 2]!;
      const a3 = alpha[at + 3]! * scale[n + 3]!;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let a = begin; a < end; a++) {
        const p = probability[a]!;
        const h = state[a]! * width + n;
        const q = pdf[a]! * width + n;
        const y0 = p * x[q]! * after[h]!;
        const y1 = p * x[q + 1]! * after[h + 1]!;
        const y2 = p * x[q + 2]! * after[h + 2]!;
        const y3 = p * x[q + 3]! * after[h + 3]!;
        s0 += y0;
        s1 += y1;
        s2 += y2;
        s3 += y3;
        posterior[q]! += a0 * y0;
        posterior[q + 1]! += a1 * y1;
        posterior[q + 2]! += a2 * y2;
        posterior[q + 3]! += a3 * y3;
      }
      before[at] = s0 * scale[n]!;
      before[at + 1] = s1 * scale[n + 1]!;
      before[at + 2] = s2 * scale[n + 2]!;
      before[at + 3] = s3 * scale[n + 3]!;
    }
  }
}
