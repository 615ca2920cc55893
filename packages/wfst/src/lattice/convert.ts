import type { CompactLattice } from './compact-lattice.js';
import { CompactLatticeBuilder } from './compact-lattice-builder.js';
import { Lattice } from './lattice.js';
import { LatticeBuilder } from './lattice-builder.js';

/**
 * A compact lattice written out: each string becomes a chain of arcs with one transition id each; words and costs
 * stand on the first of them. Kaldi's ConvertLattice (fstext/lattice-utils.h).
 */
export function latticeOf(compact: CompactLattice): Lattice {
  const b = new LatticeBuilder();
  b.ensureStates(compact.numStates);
  if (compact.start >= 0) b.setStart(compact.start);
  const chain = (from: number, ids: Int32Array, label: number, graph: number, acoustic: number, to: number): void => {
    let s = from;
    for (let i = 0; i < Math.max(1, ids.length); i++) {
      const nextState = i + 1 >= ids.length ? to : b.addState();
      const first = i === 0;
      b.addArc(s, {
        ilabel: ids[i] ?? 0,
        olabel: first ? label : 0,
        graphCost: first ? graph : 0,
        acousticCost: first ? acoustic : 0,
        nextState,
      });
      s = nextState;
    }
  };
  for (let s = 0; s < compact.numStates; s++) {
    if (compact.isFinal(s)) {
      const [graph, acoustic] = [compact.finalGraphCost[s]!, compact.finalAcousticCost[s]!];
      if (compact.finalString(s).length === 0) b.setFinal(s, graph, acoustic);
      else {
        const end = b.addState();
        chain(s, compact.finalString(s), 0, graph, acoustic, end);
        b.setFinal(end);
      }
    }
    for (let a = compact.firstArc[s]!; a < compact.firstArc[s + 1]!; a++)
      chain(
        s,
        compact.string(a),
        compact.label[a]!,
        compact.graphCost[a]!,
        compact.acousticCost[a]!,
        compact.nextState[a]!,
      );
  }
  return b.build();
}

/**
 * A lattice with chains of arcs joined, each arc's transition ids gathered in a string: a chain goes on through
 * states with one arc in and one arc out that has no word. The words and paths stay as they are; nothing is
 * determinized. Kaldi's ConvertLattice the other way.
 */
export function compactLatticeOf(lattice: Lattice): CompactLattice {
  const { numStates, firstArc, ilabel, olabel, nextState } = lattice;
  const arcsIn = new Int32Array(numStates);
  for (let a = 0; a < lattice.numArcs; a++) arcsIn[nextState[a]!]!++;
  const passes = (s: number): boolean =>
    s !== lattice.start &&
    !lattice.isFinal(s) &&
    arcsIn[s] === 1 &&
    firstArc[s + 1] === firstArc[s]! + 1 &&
    olabel[firstArc[s]!] === 0;
  const b = new CompactLatticeBuilder();
  const renumber = new Int32Array(numStates).fill(-1);
  for (let s = 0; s < numStates; s++) if (!passes(s)) renumber[s] = b.addState();
  if (lattice.start >= 0) b.setStart(renumber[lattice.start]!);
  for (let s = 0; s < numStates; s++) {
    if (renumber[s]! < 0) continue;
    b.setFinal(renumber[s]!, lattice.finalGraphCost[s]!, lattice.finalAcousticCost[s]!);
    for (let first = firstArc[s]!; first < firstArc[s + 1]!; first++) {
      let [graphCost, acousticCost] = [0, 0];
      const transitionIds: number[] = [];
      let a = first;
      for (;;) {
        graphCost += lattice.graphCost[a]!;
        acousticCost += lattice.acousticCost[a]!;
        if (ilabel[a] !== 0) transitionIds.push(ilabel[a]!);
        const t = nextState[a]!;
        if (renumber[t]! >= 0) break;
        a = firstArc[t]!;
      }
      const to = renumber[nextState[a]!]!;
      b.addArc(renumber[s]!, { label: olabel[first]!, graphCost, acousticCost, transitionIds, nextState: to });
    }
  }
  return b.build();
}
