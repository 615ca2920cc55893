import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';

/** The arcs that lead into each state: those of state `s` are `first[s]` up to `first[s + 1]`. */
export interface ReverseArcs {
  readonly first: Int32Array;
  /** The state that the arc leaves. */
  readonly to: Int32Array;
  readonly weight: Float32Array;
  /** The arc's index in the transducer. */
  readonly arc: Int32Array;
}

export function reverseArcs(fst: Fst): ReverseArcs {
  const { numStates, numArcs, firstArc, nextState } = fst;
  const first = new Int32Array(numStates + 1);
  for (let a = 0; a < numArcs; a++) first[nextState[a]! + 1]!++;
  for (let s = 0; s < numStates; s++) first[s + 1]! += first[s]!;
  const place = first.slice();
  const to = new Int32Array(numArcs);
  const arc = new Int32Array(numArcs);
  const weight = new Float32Array(numArcs);
  for (let s = 0; s < numStates; s++)
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const i = place[nextState[a]!]!++;
      to[i] = s;
      arc[i] = a;
      weight[i] = fst.weight[a]!;
    }
  return { first, to, weight, arc };
}

/**
 * Every string backwards. State `s` becomes `s + 1`; the new start, 0, has an epsilon to each old final state, as in
 * OpenFst.
 */
export function reverse(fst: Fst): Fst {
  const { semiring, inputSymbols, outputSymbols, numStates } = fst;
  const out = new FstBuilder({ semiring, inputSymbols, outputSymbols, arcs: fst.numArcs + 1, states: numStates + 1 });
  out.ensureStates(numStates + 1);
  out.setStart(0);
  for (let s = 0; s < numStates; s++) if (fst.isFinal(s)) out.addArc(0, 0, 0, fst.final[s]!, s + 1);
  const { first, to, arc } = reverseArcs(fst);
  for (let s = 0; s < numStates; s++)
    for (let i = first[s]!; i < first[s + 1]!; i++) {
      const a = arc[i]!;
      out.addArc(s + 1, fst.ilabel[a]!, fst.olabel[a]!, fst.weight[a]!, to[i]! + 1);
    }
  if (fst.start >= 0) out.setFinal(fst.start + 1);
  return out.build();
}
