import type { CompactLattice, Lattice } from '@jebena/wfst';

/**
 * A 2 x 2 matrix on (graph cost, acoustic cost), as lattice-scale has it: the new graph cost is
 * `lmScale * graph + acousticToLm * acoustic`, the new acoustic one `lmToAcoustic * graph + acousticScale * acoustic`.
 */
export interface LatticeScales {
  readonly lmScale?: number | undefined;
  readonly acousticScale?: number | undefined;
  readonly lmToAcoustic?: number | undefined;
  readonly acousticToLm?: number | undefined;
}

/** A lattice with its costs scaled. */
export function scaleLattice<L extends Lattice | CompactLattice>(lattice: L, scales: LatticeScales): L {
  // Kaldi's options are floats: to the last bit, 0.3 is not 0.3 there, and ties may hang on that.
  const [lmScale, acousticScale, lmToAcoustic, acousticToLm] = [
    Math.fround(scales.lmScale ?? 1),
    Math.fround(scales.acousticScale ?? 1),
    Math.fround(scales.lmToAcoustic ?? 0),
    Math.fround(scales.acousticToLm ?? 0),
  ];
  const mix = (a: Float32Array, b: Float32Array, x: number, y: number): Float32Array =>
    // Infinity times zero is no number: a cost that counts for nothing is left out instead.
    a.map((cost, i) => (cost === Infinity ? Infinity : (x === 0 ? 0 : x * cost) + (y === 0 ? 0 : y * b[i]!)));
  return lattice.with({
    graphCost: mix(lattice.graphCost, lattice.acousticCost, lmScale, acousticToLm),
    acousticCost: mix(lattice.acousticCost, lattice.graphCost, acousticScale, lmToAcoustic),
    finalGraphCost: mix(lattice.finalGraphCost, lattice.finalAcousticCost, lmScale, acousticToLm),
    finalAcousticCost: mix(lattice.finalAcousticCost, lattice.finalGraphCost, acousticScale, lmToAcoustic),
  }) as L;
}

/**
 * Adds a cost to each word's graph cost: positive ones make words rarer (lattice-add-penalty).
 */
export function addWordPenalty(lattice: CompactLattice, penalty: number): CompactLattice {
  return lattice.with({
    graphCost: lattice.graphCost.map((cost, a) => (lattice.label[a] === 0 ? cost : cost + penalty)),
  });
}
