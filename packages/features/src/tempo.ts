/**
 * Plays samples faster or slower at the same pitch, by overlapping pieces that are shifted a little to where they fit
 * best (WSOLA; Verhelst and Roelands, 1993).
 *
 * @param factor above 0: 1.1 is 10 % faster
 * @returns `round(samples.length / factor)` samples
 */
export function tempoPerturb(samples: Float32Array, factor: number, sampleRate: number): Float32Array {
  if (!(factor > 0)) throw new RangeError(`tempo: expected a factor above 0, found ${factor}`);
  const length = Math.round(samples.length / factor);
  if (factor === 1) return samples.slice();
  const hop = Math.max(8, Math.round(0.015 * sampleRate));
  const search = Math.round(0.008 * sampleRate);
  const window = Float32Array.from({ length: 2 * hop }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / hop));
  const at = (i: number): number => (i >= 0 && i < samples.length ? samples[i]! : 0);
  const result = new Float32Array(length);
  let previous = -hop;
  for (let to = -hop; to < length; to += hop) {
    const wanted = Math.round((to + hop) * factor) - hop;
    const from = to === -hop ? wanted : bestFit(at, previous + hop, wanted, hop, search);
    for (let i = 0; i < 2 * hop; i++) {
      const n = to + i;
      if (n >= 0 && n < length) result[n] = result[n]! + window[i]! * at(from + i);
    }
    previous = from;
  }
  return result;
}

/** The start near `wanted` whose samples look most like those at `target`, which would go on without a break. */
function bestFit(at: (i: number) => number, target: number, wanted: number, hop: number, search: number): number {
  let best = wanted;
  let bestLikeness = -Infinity;
  for (let start = wanted - search; start <= wanted + search; start++) {
    let product = 0;
    let energy = 1e-9;
    // Every other sample tells enough.
    for (let i = 0; i < 2 * hop; i += 2) {
      const x = at(start + i);
      product += x * at(target + i);
      energy += x * x;
    }
    const likeness = product / Math.sqrt(energy);
    if (likeness > bestLikeness) {
      bestLikeness = likeness;
      best = start;
    }
  }
  return best;
}
