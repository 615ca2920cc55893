import type { KaldiInput } from '@jebena/io-ark';
import type { SymbolTable } from '../symbols/symbol-table.js';
import { readSymbolsFrom, writeSymbolsTo } from '../symbols/symbol-table-io.js';
import type { ByteWriter } from './byte-writer.js';
import { readBits64, readInt32, readInt64, readString } from './raw-numbers.js';

/** The first four bytes of every OpenFst file, as an int32. */
export const FST_MAGIC = 0x7eb2fdd6;

const HAS_ISYMBOLS = 1;
const HAS_OSYMBOLS = 2;
const IS_ALIGNED = 4;

/** What stands before the states of an OpenFst file (fst.h, FstHeader). */
export interface FstHeader {
  /** `vector`, `const`, `compact_acceptor`, ... */
  readonly fstType: string;
  /** `standard`, `log`, `lattice4`, `compactlattice44`, ... */
  readonly arcType: string;
  readonly version: number;
  readonly properties: bigint;
  readonly start: number;
  /** -1 when a stream was written without knowing. */
  readonly numStates: number;
  readonly numArcs: number;
  /** Whether blocks start at multiples of 16 bytes. */
  readonly aligned?: boolean;
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
}

/** Whether an OpenFst file starts at the input's offset. */
export const startsFst = ({ bytes, offset }: KaldiInput): boolean =>
  bytes[offset] === 0xd6 && bytes[offset + 1] === 0xfd && bytes[offset + 2] === 0xb2 && bytes[offset + 3] === 0x7e;

export function readFstHeader(input: KaldiInput): FstHeader {
  input.need(4, 'a transducer');
  if (!startsFst(input)) input.fail('an OpenFst file (d6 fd b2 7e)');
  input.offset += 4;
  const fstType = readString(input, "the transducer's type");
  const arcType = readString(input, "the arcs' type");
  const version = readInt32(input, 'the version');
  const flags = readInt32(input, 'the flags');
  const properties = readBits64(input, 'the properties');
  const at = input.offset;
  const start = readInt64(input, 'the start state');
  const numStates = readInt64(input, 'the number of states');
  const numArcs = readInt64(input, 'the number of arcs');
  if (numStates >= 0 && (start < -1 || start >= numStates))
    input.fail(`a start state from -1 to ${numStates - 1}`, String(start), at);
  return {
    fstType,
    arcType,
    version,
    properties,
    start,
    numStates,
    numArcs,
    aligned: (flags & IS_ALIGNED) !== 0,
    inputSymbols: flags & HAS_ISYMBOLS ? readSymbolsFrom(input) : undefined,
    outputSymbols: flags & HAS_OSYMBOLS ? readSymbolsFrom(input) : undefined,
  };
}

export function writeFstHeader(writer: ByteWriter, header: FstHeader): void {
  const { inputSymbols, outputSymbols, aligned } = header;
  writer.int32(FST_MAGIC);
  writer.string(header.fstType);
  writer.string(header.arcType);
  writer.int32(header.version);
  writer.int32((inputSymbols ? HAS_ISYMBOLS : 0) | (outputSymbols ? HAS_OSYMBOLS : 0) | (aligned ? IS_ALIGNED : 0));
  writer.bits64(header.properties);
  writer.int64(header.start);
  writer.int64(header.numStates);
  writer.int64(header.numArcs);
  if (inputSymbols) writeSymbolsTo(writer, inputSymbols);
  if (outputSymbols) writeSymbolsTo(writer, outputSymbols);
}
