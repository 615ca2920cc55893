export { accessible, coaccessible } from './algorithms/access.js';
export { type ArcSortOptions, type LabelSide, arcSort, isArcSorted } from './algorithms/arc-sort.js';
export { type ComposeOptions, compose } from './algorithms/compose.js';
export { connect, keepStates } from './algorithms/connect.js';
export { type DeterminizeOptions, determinize, determinizeStar } from './algorithms/determinize-star.js';
export { invert } from './algorithms/invert.js';
export { logAdd } from './algorithms/log-add.js';
export { type MinimizeOptions, minimizeEncoded } from './algorithms/minimize-encoded.js';
export { PairTable } from './algorithms/pair-table.js';
export { project } from './algorithms/project.js';
export { type PushSpecialOptions, pushSpecial } from './algorithms/push-special.js';
export { type RelabelOptions, relabel } from './algorithms/relabel.js';
export { type RemoveEpsilonsOptions, removeEpsilons } from './algorithms/remove-epsilons.js';
export { type ReverseArcs, reverse, reverseArcs } from './algorithms/reverse.js';
export { rmEpsLocal } from './algorithms/rm-eps-local.js';
export { type Components, components } from './algorithms/scc.js';
export { type ShortestDistanceOptions, shortestDistance } from './algorithms/shortest-distance.js';
export { renumberStates, topSort, topologicalOrder } from './algorithms/top-sort.js';
export { FstError, type FstErrorCode } from './errors.js';
export { Fst, type FstParts, type Semiring } from './fst.js';
export { FstBuilder, type FstBuilderOptions } from './fst-builder.js';
export { ByteWriter } from './io/byte-writer.js';
export { type FormatFstOptions, formatFst, fstLines } from './io/format-fst.js';
export { type FstHeader, readFstHeader, startsFst } from './io/fst-header.js';
export { type ParseFstOptions, parseFst, parseFstFrom } from './io/parse-fst.js';
export { readFst, readFstFrom } from './io/read-fst.js';
export { type FstType, type WriteFstOptions, writeFst, writeFstTo } from './io/write-fst.js';
export { Property, computeProperties } from './properties.js';
export { SymbolTable } from './symbols/symbol-table.js';
export { formatSymbols, parseSymbols, readSymbols, writeSymbols } from './symbols/symbol-table-io.js';
export { compactLatticeHolder, fstHolder, latticeHolder } from './holders.js';
export { CompactLattice, type CompactLatticeParts } from './lattice/compact-lattice.js';
export { type CompactLatticeArc, CompactLatticeBuilder } from './lattice/compact-lattice-builder.js';
export { compactLatticeOf, latticeOf } from './lattice/convert.js';
export { Lattice, type LatticeParts } from './lattice/lattice.js';
export { latticeBytes } from './lattice/lattice-binary.js';
export { type LatticeArc, LatticeBuilder } from './lattice/lattice-builder.js';
export { latticeText } from './lattice/lattice-text.js';
export {
  readCompactLattices,
  readFsts,
  readLattices,
  writeCompactLattices,
  writeFsts,
  writeLattices,
} from './tables.js';
