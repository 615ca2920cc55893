import type { CompactLattice } from '@jebena/wfst';
import { compareWords, type WordComparison } from './word-errors.js';
import { latticeOrder } from './lattice-order.js';

/**
 * The word sequence of a lattice that is closest to a reference (lattice-oracle).
 *
 * @param ignore words that do not count, on either side
 * @throws DecodeError for a lattice with a cycle
 */
export function latticeOracle(
  lattice: CompactLattice,
  reference: ArrayLike<number>,
  ignore: ReadonlySet<number> = new Set(),
): WordComparison<number> & { readonly words: Int32Array } {
  const ref = Array.from(reference).filter((word) => word !== 0 && !ignore.has(word));
  const width = ref.length + 1;
  const order = latticeOrder(lattice);
  // errors[s * width + r]: fewest errors of a path to state s that took the reference's first r words.
  const errors = new Int32Array(lattice.numStates * width).fill(1 << 29);
  const via = new Int32Array(lattice.numStates * width).fill(-1);
  const before = new Int32Array(lattice.numStates * width).fill(-1);
  const offer = (to: number, count: number, arc: number, from: number): void => {
    if (count >= errors[to]!) return;
    errors[to] = count;
    via[to] = arc;
    before[to] = from;
  };
  if (lattice.start >= 0) errors[lattice.start * width] = 0;
  let best = -1;
  for (const s of order) {
    for (let r = 0; r < ref.length; r++) offer(s * width + r + 1, errors[s * width + r]! + 1, -1, s * width + r);
    if (lattice.isFinal(s)) {
      const end = s * width + ref.length;
      if (best < 0 || errors[end]! < errors[best]!) best = end;
    }
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const word = lattice.label[a]!;
      const silent = word === 0 || ignore.has(word);
      const to = lattice.nextState[a]! * width;
      for (let r = 0; r <= ref.length; r++) {
        const from = s * width + r;
        offer(to + r, errors[from]! + (silent ? 0 : 1), a, from);
        if (!silent && r < ref.length) offer(to + r + 1, errors[from]! + (word === ref[r] ? 0 : 1), a, from);
      }
    }
  }
  const words: number[] = [];
  for (let at = best; at >= 0 && before[at]! >= 0; at = before[at]!) {
    const word = via[at]! < 0 ? 0 : lattice.label[via[at]!]!;
    if (word !== 0 && !ignore.has(word)) words.push(word);
  }
  words.reverse();
  return { ...compareWords(ref, words), words: Int32Array.from(words) };
}
