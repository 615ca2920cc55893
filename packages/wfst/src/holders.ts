import type { Holder, KaldiInput } from '@jebena/io-ark';
import type { Fst } from './fst.js';
import { formatFst } from './io/format-fst.js';
import { startsFst } from './io/fst-header.js';
import { parseFstFrom } from './io/parse-fst.js';
import { readFstFrom } from './io/read-fst.js';
import { writeFst } from './io/write-fst.js';
import type { CompactLattice } from './lattice/compact-lattice.js';
import { compactLatticeOf, latticeOf } from './lattice/convert.js';
import { Lattice } from './lattice/lattice.js';
import { latticeBytes, readBinaryAsCompactLattice, readBinaryAsLattice } from './lattice/lattice-binary.js';
import { latticeText, readTextAsCompactLattice, readTextAsLattice } from './lattice/lattice-text.js';

/** Whether a binary transducer comes next; in text form the key's newline is passed over. */
function binaryNext(input: KaldiInput): boolean {
  input.need(1, 'a transducer');
  if (input.bytes[input.offset] === 0xd6) {
    input.need(4, 'a transducer');
    return startsFst(input);
  }
  while (input.bytes[input.offset] === 32) input.offset++;
  if (input.bytes[input.offset] === 10) input.offset++;
  return false;
}

const holderOf = <V, W>(
  what: string,
  fromBinary: (input: KaldiInput) => V,
  fromText: (input: KaldiInput) => V,
  bytes: (value: W) => Uint8Array,
  text: (value: W) => string,
): Holder<V, W> => ({
  what,
  unmarked: true,
  read: (input) => (binaryNext(input) ? fromBinary(input) : fromText(input)),
  write: (output, value) => {
    if (output.binary) output.writeBytes(bytes(value));
    else output.writeText(`\n${text(value)}`);
  },
});

/** Transducers in tables: training graphs, for one. */
export const fstHolder: Holder<Fst> = holderOf(
  'a transducer',
  readFstFrom,
  (input) => parseFstFrom(input, { keepStateNumbers: true }),
  (fst: Fst) => writeFst(fst),
  (fst: Fst) => `${formatFst(fst, { precision: 6 })}\n`,
);

/** Lattices in tables. Reads compact ones too; writes plain ones. */
export const latticeHolder: Holder<Lattice, Lattice | CompactLattice> = holderOf(
  'a lattice',
  readBinaryAsLattice,
  readTextAsLattice,
  (lattice: Lattice | CompactLattice) => latticeBytes(lattice instanceof Lattice ? lattice : latticeOf(lattice)),
  (lattice) => latticeText(lattice instanceof Lattice ? lattice : latticeOf(lattice)),
);

/** Compact lattices in tables. Reads plain ones too; writes compact ones. */
export const compactLatticeHolder: Holder<CompactLattice, Lattice | CompactLattice> = holderOf(
  'a compact lattice',
  readBinaryAsCompactLattice,
  readTextAsCompactLattice,
  (lattice: Lattice | CompactLattice) => latticeBytes(lattice instanceof Lattice ? compactLatticeOf(lattice) : lattice),
  (lattice) => latticeText(lattice instanceof Lattice ? compactLatticeOf(lattice) : lattice),
);
