import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { latticeOrder } from './lattice-order.js';

/**
 * A lattice with its states in topological order, without those that lie on no path to an end.
 *
 * @param keepArc which arcs stay; all of them when left out
 * @param keepFinal which final states stay so
 * @throws DecodeError for a lattice with a cycle
 */
export function connectCompact(
  lattice: CompactLattice,
  keepArc: (arc: number) => boolean = () => true,
  keepFinal: (state: number) => boolean = () => true,
): CompactLattice {
  const order = latticeOrder(lattice);
  const { numStates, firstArc, nextState } = lattice;
  const ends = new Uint8Array(numStates);
  for (let i = order.length - 1; i >= 0; i--) {
    const s = order[i]!;
    if (lattice.isFinal(s) && keepFinal(s)) ends[s] = 1;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) if (ends[nextState[a]!] && keepArc(a)) ends[s] = 1;
  }
  // Of the states with a way to the end, those that the kept arcs still lead to.
  const reached = new Uint8Array(numStates);
  if (lattice.start >= 0) reached[lattice.start] = ends[lattice.start]!;
  const b = new CompactLatticeBuilder();
  const place = new Int32Array(numStates).fill(-1);
  for (const s of order) {
    if (!reached[s]) continue;
    place[s] = b.addState();
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
      if (keepArc(a) && ends[nextState[a]!]) reached[nextState[a]!] = 1;
  }
  for (const s of order) {
    if (place[s]! < 0) continue;
    if (lattice.isFinal(s) && keepFinal(s))
      b.setFinal(place[s]!, lattice.finalGraphCost[s]!, lattice.finalAcousticCost[s]!, lattice.finalString(s));
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = place[nextState[a]!]!;
      if (to < 0 || !keepArc(a)) continue;
      b.addArc(place[s]!, {
        label: lattice.label[a]!,
        graphCost: lattice.graphCost[a]!,
        acousticCost: lattice.acousticCost[a]!,
        transitionIds: lattice.string(a),
        nextState: to,
      });
    }
  }
  if (lattice.start >= 0 && place[lattice.start]! >= 0) b.setStart(place[lattice.start]!);
  return b.build();
}
