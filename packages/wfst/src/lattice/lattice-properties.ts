import { Fst } from '../fst.js';
import { computeProperties } from '../properties.js';
import type { CompactLattice } from './compact-lattice.js';
import type { Lattice } from './lattice.js';

/** A lattice's property bits: they ask only whether a weight is One (0) or Zero (Infinity). */
export const latticeProperties = (lattice: Lattice): bigint =>
  computeProperties(
    new Fst({
      ...lattice,
      weight: lattice.graphCost.map((g, a) => kind(g, lattice.acousticCost[a]!, 0)),
      final: lattice.finalGraphCost.map((g, s) => kind(g, lattice.finalAcousticCost[s]!, 0)),
    }),
  );

export const compactLatticeProperties = (lattice: CompactLattice): bigint =>
  computeProperties(
    new Fst({
      ...lattice,
      ilabel: lattice.label,
      olabel: lattice.label,
      weight: lattice.graphCost.map((g, a) => kind(g, lattice.acousticCost[a]!, lattice.string(a).length)),
      final: lattice.finalGraphCost.map((g, s) =>
        kind(g, lattice.finalAcousticCost[s]!, lattice.finalString(s).length),
      ),
    }),
  );

const kind = (graph: number, acoustic: number, length: number): number => {
  if (graph === Infinity && acoustic === Infinity) return Infinity;
  return graph === 0 && acoustic === 0 && length === 0 ? 0 : 1;
};
