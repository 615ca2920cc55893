import type { Fst } from '../fst.js';

/** Which of an arc's two labels an operation looks at. */
export type LabelSide = 'ilabel' | 'olabel';

export interface ArcSortOptions {
  readonly by?: LabelSide | undefined;
}

/** Whether every state's arcs are in the order of their labels. */
export function isArcSorted(fst: Fst, by: LabelSide): boolean {
  const labels = fst[by];
  for (let s = 0; s < fst.numStates; s++)
    for (let a = fst.firstArc[s]! + 1; a < fst.firstArc[s + 1]!; a++) if (labels[a - 1]! > labels[a]!) return false;
  return true;
}

/**
 * Sorts the arcs of each state by one label, then by the other; equal ones keep their order. Gives the transducer
 * itself where nothing has to move.
 */
export function arcSort(fst: Fst, { by = 'ilabel' }: ArcSortOptions = {}): Fst {
  const { numStates, firstArc } = fst;
  const key = fst[by];
  const second = by === 'ilabel' ? fst.olabel : fst.ilabel;
  const after = (a: number, b: number): number => key[a]! - key[b]! || second[a]! - second[b]! || a - b;
  let order: Int32Array | undefined;
  for (let s = 0; s < numStates; s++) {
    const to = firstArc[s + 1]!;
    let a = firstArc[s]! + 1;
    while (a < to && after(a - 1, a) < 0) a++;
    if (a >= to) continue;
    order ??= Int32Array.from({ length: fst.numArcs }, (_, i) => i);
    order.subarray(firstArc[s], to).sort(after);
  }
  return order ? reorderArcs(fst, order) : fst;
}

/** The arcs in another order: place `i` gets the old arc `order[i]`, which must belong to the same state. */
export function reorderArcs(fst: Fst, order: Int32Array): Fst {
  const pick = <T extends Int32Array | Float32Array>(from: T): T => {
    const to = new (from.constructor as new (n: number) => T)(order.length);
    for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
    return to;
  };
  return fst.with({
    ilabel: pick(fst.ilabel),
    olabel: pick(fst.olabel),
    weight: pick(fst.weight),
    nextState: pick(fst.nextState),
  });
}
