import { KaldiInput, type Place } from '@jebena/io-ark';
import { ByteWriter } from '../io/byte-writer.js';
import { readInt32, readInt64, readString } from '../io/raw-numbers.js';
import { SymbolTable } from './symbol-table.js';

const MAGIC = 2125658996;

/** Reads a symbol table from lines `symbol label`. @throws KaldiIoError with the line's byte offset */
export function parseSymbols(text: Uint8Array | string, place: Place = {}): SymbolTable {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const input = new KaldiInput(bytes, place, false);
  const table = new SymbolTable(place.path);
  while (!input.atEnd) {
    const offset = input.offset;
    const line = input.readLine();
    const fields = line.split(/[ \t]+/).filter(Boolean);
    if (fields.length === 0) continue;
    const label = Number(fields[1]);
    if (fields.length !== 2 || !Number.isInteger(label) || label < 0)
      input.fail('a line `symbol label`', JSON.stringify(line), offset);
    try {
      table.add(fields[0]!, label);
    } catch {
      input.fail('each symbol and label once', JSON.stringify(line), offset);
    }
  }
  return table;
}

/** A symbol table as lines `symbol TAB label`, as OpenFst writes it (Kaldi's own files have a space). */
export const formatSymbols = (table: SymbolTable, separator: string = '\t'): string =>
  Array.from(table, ([symbol, label]) => `${symbol}${separator}${label}\n`).join('');

/** Reads OpenFst's binary symbol table at the input's offset. */
export function readSymbolsFrom(input: KaldiInput): SymbolTable {
  const offset = input.offset;
  const magic = readInt32(input, 'a symbol table');
  if (magic !== MAGIC) input.fail(`a symbol table (magic ${MAGIC})`, String(magic), offset);
  const table = new SymbolTable(readString(input, 'the name of a symbol table'));
  readInt64(input, 'the next free label');
  const at = input.offset;
  const count = readInt64(input, 'the number of symbols');
  if (count < 0) input.fail('a number of symbols', String(count), at);
  input.need(12 * count, `${count} symbols`);
  for (let i = 0; i < count; i++) {
    const start = input.offset;
    const symbol = readString(input, 'a symbol');
    const label = readInt64(input, 'a label');
    if (table.has(symbol) || table.symbol(label) !== undefined)
      input.fail('each symbol and label once', `'${symbol}' ${label}`, start);
    table.add(symbol, label);
  }
  return table;
}

/** Writes OpenFst's binary symbol table. */
export function writeSymbolsTo(writer: ByteWriter, table: SymbolTable): void {
  writer.int32(MAGIC);
  writer.string(table.name);
  writer.int64(table.availableLabel);
  writer.int64(table.size);
  for (const [symbol, label] of table) {
    writer.string(symbol);
    writer.int64(label);
  }
}

/** Reads a symbol table in either form: OpenFst's binary one is known by its first bytes. */
export function readSymbols(bytes: Uint8Array, place: Place = {}): SymbolTable {
  const binary = bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) === MAGIC;
  return binary ? readSymbolsFrom(new KaldiInput(bytes, place, true)) : parseSymbols(bytes, place);
}

/** OpenFst's binary symbol table. */
export function writeSymbols(table: SymbolTable): Uint8Array {
  const writer = new ByteWriter();
  writeSymbolsTo(writer, table);
  return writer.bytes();
}
