import {
  type ReadTableOptions,
  type TableSink,
  type TableSource,
  type WriteTableOptions,
  readTable,
  writeTable,
} from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import type { Fst } from './fst.js';
import { compactLatticeHolder, fstHolder, latticeHolder } from './holders.js';
import type { CompactLattice } from './lattice/compact-lattice.js';
import type { Lattice } from './lattice/lattice.js';

/** A table of transducers, such as training graphs. */
export const readFsts = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Fst>> =>
  readTable(fstHolder, source, options);

/** A table of lattices; compact ones are written out. */
export const readLattices = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Lattice>> =>
  readTable(latticeHolder, source, options);

/** A table of compact lattices; plain ones are converted. */
export const readCompactLattices = (
  source: TableSource,
  options?: ReadTableOptions,
): AsyncIterable<Item<CompactLattice>> => readTable(compactLatticeHolder, source, options);

/** A sink that writes transducers. */
export const writeFsts = (specifier: string, options?: WriteTableOptions): TableSink<Fst> =>
  writeTable(fstHolder, specifier, options);

/** A sink that writes lattices in plain form. */
export const writeLattices = (specifier: string, options?: WriteTableOptions): TableSink<Lattice | CompactLattice> =>
  writeTable(latticeHolder, specifier, options);

/** A sink that writes lattices in compact form. */
export const writeCompactLattices = (
  specifier: string,
  options?: WriteTableOptions,
): TableSink<Lattice | CompactLattice> => writeTable(compactLatticeHolder, specifier, options);
