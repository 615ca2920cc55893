import type { Fst } from '@jebena/wfst';
import type { SequenceOutput } from './sequence-output.js';

/** Less than this share of a frame's probability is left out: it would soon be too small for a double. */
const least = 1e-250;
/** The posteriors of each frame sum to 1 but for rounding; where they do not, what was left out mattered. */
const tolerance = 1e-6;

/**
 * What `loopedNumerator` computes, with probabilities that are scaled at each frame instead of logarithms: twice
 * as fast.
 *
 * States that the start does not reach yet, or that no longer reach an end in the frames that are left, are not
 * looked at. Where outputs differ so much that the paths which come through once had less than `least` of a frame's
 * probability, the passes do not agree, and no posterior is given.
 *
 * @param pdf of each arc
 * @returns undefined where the log domain is needed
 */
export function scaledNumerator(fst: Fst, pdf: Int32Array, output: SequenceOutput): number | undefined {
  const { numStates, firstArc, nextState, final } = fst;
  const { frames, start, stride, add } = output;
  const probability = probabilities(fst.weight);
  const toEnd = stepsToEnd(fst);
  const fromStart = stepsFromStart(fst);
  const { pdfs, of } = distinct(pdf);
  const x = new Float64Array(pdfs.length * frames);
  let logProb = exponentiated(output, pdfs, x);
  const alpha = new Float64Array((frames + 1) * numStates);
  const scale = new Float64Array(frames + 1);
  alpha[fst.start] = 1;
  for (let t = 0; t < frames; t++) {
    const now = t * numStates;
    const next = now + numStates;
    const row = t * pdfs.length;
    const left = frames - t - 1;
    let sum = 0;
    for (let s = 0; s < numStates; s++) {
      const here = alpha[now + s]!;
      if (!(here > least)) continue;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const to = nextState[a]!;
        if (toEnd[to]! > left) continue;
        const share = here * probability[a]! * x[row + of[a]!]!;
        alpha[next + to]! += share;
        sum += share;
      }
    }
    if (!(sum > 0)) return undefined;
    scale[t + 1] = 1 / sum;
    logProb += Math.log(sum);
    for (let s = 0; s < numStates; s++) alpha[next + s]! *= scale[t + 1]!;
  }
  let end = 0;
  let beta = probabilities(final);
  for (let s = 0; s < numStates; s++) end += alpha[frames * numStates + s]! * beta[s]!;
  logProb += Math.log(end);
  if (!Number.isFinite(logProb)) return undefined;
  for (let s = 0; s < numStates; s++) beta[s]! /= end;
  let earlier = new Float64Array(numStates);
  const found = new Float64Array(x.length);
  for (let t = frames - 1; t >= 0; t--) {
    const row = t * pdfs.length;
    let total = 0;
    for (let s = 0; s < numStates; s++) {
      const here = alpha[t * numStates + s]!;
      earlier[s] = 0;
      // What the forward pass left out is not left out here: else both would agree on what is not so.
      if (fromStart[s]! > t || toEnd[s]! > frames - t) continue;
      let sum = 0;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const through = probability[a]! * x[row + of[a]!]! * scale[t + 1]! * beta[nextState[a]!]!;
        sum += through;
        found[row + of[a]!]! += here * through;
      }
      earlier[s] = sum;
      total += here * sum;
    }
    if (!(Math.abs(total - 1) < tolerance)) return undefined;
    [beta, earlier] = [earlier, beta];
  }
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < pdfs.length; i++) add(start + t * stride + pdfs[i]!, found[t * pdfs.length + i]!);
  return logProb;
}

function probabilities(costs: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const values = new Float64Array(costs.length);
  for (let i = 0; i < costs.length; i++) values[i] = Math.exp(-costs[i]!);
  return values;
}

/** exp of the outputs less each frame's largest; returns what was taken away. */
function exponentiated({ data, start, stride, frames }: SequenceOutput, pdfs: Int32Array, x: Float64Array): number {
  const count = pdfs.length;
  let taken = 0;
  for (let t = 0; t < frames; t++) {
    const row = start + t * stride;
    let most = -Infinity;
    for (let i = 0; i < count; i++) most = Math.max(most, data[row + pdfs[i]!]!);
    for (let i = 0; i < count; i++) x[t * count + i] = Math.exp(data[row + pdfs[i]!]! - most);
    taken += most;
  }
  return taken;
}

/** The pdfs that arcs have, each once, and for each arc the place of its own among them. */
function distinct(pdf: Int32Array): { pdfs: Int32Array; of: Int32Array } {
  const places = new Map<number, number>();
  const of = pdf.map((p) => {
    const place = places.get(p) ?? places.size;
    places.set(p, place);
    return place;
  });
  return { pdfs: Int32Array.from(places.keys()), of };
}

/** For each state, the arcs of the shortest way from the start; Infinity where there is none. */
function stepsFromStart({ numStates, firstArc, nextState, start }: Fst): Float64Array {
  const steps = new Float64Array(numStates).fill(Infinity);
  steps[start] = 0;
  // Most arcs lead to higher numbers: going up, one round does nearly all.
  for (let changed = true; changed;) {
    changed = false;
    for (let s = 0; s < numStates; s++)
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
        if (steps[s]! + 1 < steps[nextState[a]!]!) {
          steps[nextState[a]!] = steps[s]! + 1;
          changed = true;
        }
  }
  return steps;
}

/** For each state, the arcs of the shortest way to a final one; Infinity where there is none. */
function stepsToEnd({ numStates, firstArc, nextState, final }: Fst): Float64Array {
  const steps = new Float64Array(numStates);
  for (let s = 0; s < numStates; s++) steps[s] = final[s]! < Infinity ? 0 : Infinity;
  // Most arcs lead to higher numbers: going down, one round does nearly all.
  for (let changed = true; changed;) {
    changed = false;
    for (let s = numStates - 1; s >= 0; s--)
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const by = steps[nextState[a]!]! + 1;
        if (by < steps[s]!) {
          steps[s] = by;
          changed = true;
        }
      }
  }
  return steps;
}
