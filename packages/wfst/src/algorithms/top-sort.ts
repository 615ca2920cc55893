import { Fst } from '../fst.js';
import { components } from './scc.js';

/**
 * The states in an order in which every arc leads forward, or undefined where there is a cycle. States that cannot
 * be reached come too.
 */
export function topologicalOrder(fst: Fst): Int32Array | undefined {
  const { component, cyclic } = components(fst);
  if (cyclic) return undefined;
  const order = new Int32Array(fst.numStates);
  for (let s = 0; s < fst.numStates; s++) order[component[s]!] = s;
  return order;
}

/** Renumbers states so that every arc leads forward; undefined where there is a cycle. */
export function topSort(fst: Fst): Fst | undefined {
  const order = topologicalOrder(fst);
  return order && renumberStates(fst, order);
}

/** Puts the old state `order[i]` in place `i`. */
export function renumberStates(fst: Fst, order: Int32Array): Fst {
  const { numStates, numArcs } = fst;
  const place = new Int32Array(numStates);
  for (let i = 0; i < numStates; i++) place[order[i]!] = i;
  const out = {
    firstArc: new Int32Array(numStates + 1),
    final: new Float32Array(numStates),
    ilabel: new Int32Array(numArcs),
    olabel: new Int32Array(numArcs),
    weight: new Float32Array(numArcs),
    nextState: new Int32Array(numArcs),
  };
  let i = 0;
  for (let n = 0; n < numStates; n++) {
    const s = order[n]!;
    out.final[n] = fst.final[s]!;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++, i++) {
      out.ilabel[i] = fst.ilabel[a]!;
      out.olabel[i] = fst.olabel[a]!;
      out.weight[i] = fst.weight[a]!;
      out.nextState[i] = place[fst.nextState[a]!]!;
    }
    out.firstArc[n + 1] = i;
  }
  return fst.with({ ...out, start: fst.start < 0 ? -1 : place[fst.start]! });
}
