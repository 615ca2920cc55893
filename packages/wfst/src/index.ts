export { addDisambigLoops } from './algorithms/add-disambig-loops.js';
export { accessible, coaccessible } from './algorithms/access.js';
export { type ArcSortOptions, type LabelSide, arcSort, isArcSorted } from './algorithms/arc-sort.js';
export { closure } from './algorithms/closure.js';
export { type ComposeOptions, compose } from './algorithms/compose.js';
export { concat } from './algorithms/concat.js';
export { connect, keepStates } from './algorithms/connect.js';
export { type DeterminizeOptions, determinize, determinizeStar } from './algorithms/determinize-star.js';
export { type EquivalentOptions, equivalent } from './algorithms/equivalent.js';
export { invert } from './algorithms/invert.js';
export { linear } from './algorithms/linear.js';
export { logAdd } from './algorithms/log-add.js';
export { minimize } from './algorithms/minimize.js';
export { type MinimizeOptions, minimizeEncoded } from './algorithms/minimize-encoded.js';
export { PairTable } from './algorithms/pair-table.js';
export { project } from './algorithms/project.js';
export { type PushOptions, push } from './algorithms/push.js';
export { pushLabels } from './algorithms/push-labels.js';
export { type PushSpecialOptions, pushSpecial } from './algorithms/push-special.js';
export {
  type RandomPath,
  type RandomPathOptions,
  type RandomlyEquivalentOptions,
  pairCost,
  randomPath,
  randomPaths,
  randomlyEquivalent,
} from './algorithms/random-path.js';
export { type RelabelOptions, relabel } from './algorithms/relabel.js';
export { type RemoveEpsilonsOptions, removeEpsilons } from './algorithms/remove-epsilons.js';
export { type ReverseArcs, reverse, reverseArcs } from './algorithms/reverse.js';
export { rmEpsLocal } from './algorithms/rm-eps-local.js';
export { type Components, components } from './algorithms/scc.js';
export { type ShortestDistanceOptions, shortestDistance } from './algorithms/shortest-distance.js';
export { type Path, type ShortestPathOptions, bestPaths, shortestPath } from './algorithms/shortest-path.js';
export { stateSums } from './algorithms/stochastic.js';
export { renumberStates, topSort, topologicalOrder } from './algorithms/top-sort.js';
export { union } from './algorithms/union.js';
export { FstError, type FstErrorCode } from './errors.js';
export { Fst, type FstParts, type Semiring } from './fst.js';
export { FstBuilder, type FstBuilderOptions } from './fst-builder.js';
export { ByteWriter } from './io/byte-writer.js';
export { type DrawFstOptions, drawFst } from './io/draw-fst.js';
export { type FormatFstOptions, formatFst, fstLines } from './io/format-fst.js';
export { type FstHeader, readFstHeader, startsFst } from './io/fst-header.js';
export { type ParseFstOptions, parseFst, parseFstFrom } from './io/parse-fst.js';
export { readFst, readFstFrom } from './io/read-fst.js';
export { type FstType, type WriteFstOptions, writeFst, writeFstTo } from './io/write-fst.js';
export { Property, computeProperties, withCompiledProperties } from './properties.js';
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
