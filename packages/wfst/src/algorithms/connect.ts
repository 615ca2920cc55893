import { Fst } from '../fst.js';
import { accessible, coaccessible } from './access.js';

/**
 * Leaves only what lies on a path from the start to a final state; states keep their order. The empty transducer
 * (start -1) where there is no such path.
 */
export function connect(fst: Fst): Fst {
  const keep = accessible(fst);
  const useful = coaccessible(fst);
  let all = true;
  for (let s = 0; s < fst.numStates; s++) {
    keep[s]! &= useful[s]!;
    all &&= keep[s] === 1;
  }
  return all ? fst : keepStates(fst, keep);
}

/** Only the states marked 1, in their order, and the arcs among them. */
export function keepStates(fst: Fst, keep: Uint8Array): Fst {
  const { numStates, firstArc, nextState } = fst;
  const renumber = new Int32Array(numStates).fill(-1);
  let states = 0;
  let arcs = 0;
  for (let s = 0; s < numStates; s++) {
    if (!keep[s]) continue;
    renumber[s] = states++;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) if (keep[nextState[a]!]) arcs++;
  }
  const out = {
    firstArc: new Int32Array(states + 1),
    final: new Float32Array(states),
    ilabel: new Int32Array(arcs),
    olabel: new Int32Array(arcs),
    weight: new Float32Array(arcs),
    nextState: new Int32Array(arcs),
  };
  let i = 0;
  for (let s = 0; s < numStates; s++) {
    const t = renumber[s]!;
    if (t < 0) continue;
    out.final[t] = fst.final[s]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      if (!keep[nextState[a]!]) continue;
      out.ilabel[i] = fst.ilabel[a]!;
      out.olabel[i] = fst.olabel[a]!;
      out.weight[i] = fst.weight[a]!;
      out.nextState[i++] = renumber[nextState[a]!]!;
    }
    out.firstArc[t + 1] = i;
  }
  const start = fst.start < 0 ? -1 : renumber[fst.start]!;
  const { semiring, inputSymbols, outputSymbols } = fst;
  return new Fst({ ...out, start, semiring, inputSymbols, outputSymbols });
}
