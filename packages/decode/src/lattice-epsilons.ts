import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';

/** What a way without labels adds up to. */
interface Way {
  readonly graph: number;
  readonly acoustic: number;
  readonly ids: readonly number[];
}

/** Total first, then the graph cost: Kaldi's order of lattice weights. */
const better = (a: Way, b: Way): boolean => {
  const apart = a.graph + a.acoustic - (b.graph + b.acoustic);
  return apart < 0 || (apart === 0 && a.graph < b.graph);
};

/**
 * Takes out the arcs without a label: their costs and transition ids go to the arcs and final states behind them. Of
 * several ways with the same label between two states the best stays.
 *
 * @param lattice its states in topological order
 */
export function removeLatticeEpsilons(lattice: CompactLattice): CompactLattice {
  const { firstArc, label, nextState } = lattice;
  const b = new CompactLatticeBuilder();
  b.ensureStates(lattice.numStates);
  if (lattice.start >= 0) b.setStart(lattice.start);
  for (let s = 0; s < lattice.numStates; s++) {
    let final: Way | undefined;
    const arcs = new Map<string, { label: number; to: number; way: Way }>();
    const behind = new Map<number, Way>([[s, { graph: 0, acoustic: 0, ids: [] }]]);
    // States come in order, so each is left when its best way is known.
    for (let t = s; behind.size > 0; t++) {
      const way = behind.get(t);
      if (!way) continue;
      behind.delete(t);
      const on = (graph: number, acoustic: number, ids: Int32Array): Way => ({
        graph: way.graph + graph,
        acoustic: way.acoustic + acoustic,
        ids: way.ids.length === 0 ? Array.from(ids) : [...way.ids, ...ids],
      });
      if (lattice.isFinal(t)) {
        const end = on(lattice.finalGraphCost[t]!, lattice.finalAcousticCost[t]!, lattice.finalString(t));
        if (!final || better(end, final)) final = end;
      }
      for (let a = firstArc[t]!; a < firstArc[t + 1]!; a++) {
        const to = nextState[a]!;
        const next = on(lattice.graphCost[a]!, lattice.acousticCost[a]!, lattice.string(a));
        if (label[a] === 0) {
          const found = behind.get(to);
          if (!found || better(next, found)) behind.set(to, next);
        } else {
          const key = `${label[a]} ${to}`;
          const found = arcs.get(key);
          if (!found || better(next, found.way)) arcs.set(key, { label: label[a]!, to, way: next });
        }
      }
    }
    if (final) b.setFinal(s, final.graph, final.acoustic, final.ids);
    for (const { label: word, to, way } of arcs.values())
      b.addArc(s, {
        label: word,
        graphCost: way.graph,
        acousticCost: way.acoustic,
        transitionIds: way.ids,
        nextState: to,
      });
  }
  return connectCompact(b.build());
}
