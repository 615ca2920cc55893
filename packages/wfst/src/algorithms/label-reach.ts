import type { Fst } from '../fst.js';
import { components } from './scc.js';

/**
 * Which output labels each state of a transducer can give next, after any number of arcs without output: what
 * look-ahead composition asks. Labels are numbered anew in the order in which a depth-first walk meets them, so that
 * what a state of a lexicon tree reaches is one interval or a few (C. Allauzen, M. Riley and J. Schalkwyk, "A
 * generalized composition algorithm for weighted finite-state transducers", 2009).
 */
export class LabelReach {
  /** A label's number; -1 where no arc gives it. */
  private readonly numberOf: Int32Array;
  /** The intervals of state `s`, as pairs of first and last number, from `2 * firstInterval[s]`. */
  private readonly firstInterval: Int32Array;
  private readonly intervals: number[] = [];
  /** 1 for a state that reaches a final one without output. */
  private readonly ends: Uint8Array;

  constructor(fst: Fst) {
    const silent = (a: number): boolean => fst.olabel[a] === 0;
    const { component, count } = components(fst, silent);
    this.numberOf = numberLabels(fst);
    this.ends = new Uint8Array(fst.numStates);
    this.firstInterval = new Int32Array(fst.numStates + 1);
    const members: number[][] = Array.from({ length: count }, () => []);
    for (let s = 0; s < fst.numStates; s++) members[component[s]!]!.push(s);
    const sets: number[][] = [];
    // Components come in topological order: from the last, all that one leads to is known.
    for (let c = count - 1; c >= 0; c--) {
      const pairs: number[][] = [];
      let ends = 0;
      for (const s of members[c]!) {
        if (fst.isFinal(s)) ends = 1;
        for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
          const next = fst.nextState[a]!;
          if (!silent(a)) {
            const n = this.numberOf[fst.olabel[a]!]!;
            pairs.push([n, n]);
          } else if (component[next] !== c) {
            const set = sets[component[next]!]!;
            for (let i = 0; i < set.length; i += 2) pairs.push([set[i]!, set[i + 1]!]);
            ends |= this.ends[next]!;
          }
        }
      }
      sets[c] = merged(pairs);
      for (const s of members[c]!) this.ends[s] = ends;
    }
    for (let s = 0; s < fst.numStates; s++) {
      this.firstInterval[s] = this.intervals.length / 2;
      for (const end of sets[component[s]!]!) this.intervals.push(end);
    }
    this.firstInterval[fst.numStates] = this.intervals.length / 2;
  }

  /** For each state of the other machine the numbers of its input labels, sorted; epsilon and labels unknown are left out. */
  numbersOf(fst: Fst): { readonly first: Int32Array; readonly numbers: Int32Array } {
    const first = new Int32Array(fst.numStates + 1);
    const numbers = new Int32Array(fst.numArcs);
    let n = 0;
    for (let s = 0; s < fst.numStates; s++) {
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
        const number = this.numberOf[fst.ilabel[a]!] ?? -1;
        if (number >= 0) numbers[n++] = number;
      }
      numbers.subarray(first[s], n).sort();
      first[s + 1] = n;
    }
    return { first, numbers: numbers.subarray(0, n) };
  }

  /** Whether a state can end without output. */
  canEnd(state: number): boolean {
    return this.ends[state] === 1;
  }

  /** Whether a state can give a label whose number is among `numbers[from..to)`, which are sorted. */
  canGive(state: number, numbers: Int32Array, from: number, to: number): boolean {
    for (let i = this.firstInterval[state]!; i < this.firstInterval[state + 1]!; i++) {
      const [least, most] = [this.intervals[2 * i]!, this.intervals[2 * i + 1]!];
      let [low, high] = [from, to];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (numbers[middle]! < least) low = middle + 1;
        else high = middle;
      }
      if (low < to && numbers[low]! <= most) return true;
    }
    return false;
  }
}

/** Sorts intervals and joins those that meet. */
function merged(pairs: number[][]): number[] {
  pairs.sort((a, b) => a[0]! - b[0]!);
  const set: number[] = [];
  for (const [least, most] of pairs as [number, number][]) {
    if (set.length > 0 && least <= set.at(-1)! + 1) set[set.length - 1] = Math.max(set.at(-1)!, most);
    else set.push(least, most);
  }
  return set;
}

/** Numbers output labels as a depth-first walk from the start meets them. */
function numberLabels(fst: Fst): Int32Array {
  const most = fst.olabel.reduce((a, b) => Math.max(a, b), 0);
  const numberOf = new Int32Array(most + 1).fill(-1);
  const seen = new Uint8Array(fst.numStates);
  let count = 0;
  for (let root = -1; root < fst.numStates; root++) {
    const stack = [root < 0 ? fst.start : root];
    while (stack.length > 0) {
      const s = stack.pop()!;
      if (s < 0 || seen[s]) continue;
      seen[s] = 1;
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
        const label = fst.olabel[a]!;
        if (label !== 0 && numberOf[label]! < 0) numberOf[label] = count++;
      }
      for (let a = fst.firstArc[s + 1]! - 1; a >= fst.firstArc[s]!; a--) stack.push(fst.nextState[a]!);
    }
  }
  return numberOf;
}
