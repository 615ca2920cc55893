import type { KaldiInput } from '@jebena/io-ark';
import { ByteWriter } from '../io/byte-writer.js';
import { readFstHeader, writeFstHeader } from '../io/fst-header.js';
import { CompactLattice } from './compact-lattice.js';
import { CompactLatticeBuilder } from './compact-lattice-builder.js';
import { compactLatticeOf, latticeOf } from './convert.js';
import { Lattice } from './lattice.js';
import { LatticeBuilder } from './lattice-builder.js';
import { compactLatticeProperties, latticeProperties } from './lattice-properties.js';

const LATTICE = 'lattice4';
const COMPACT = 'compactlattice44';
const STORED = 3n;

const viewOf = ({ bytes }: KaldiInput): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads a binary lattice at the input's offset, in whichever of the two forms it stands there. */
export function readBinaryLattice(input: KaldiInput): Lattice | CompactLattice {
  const at = input.offset;
  const { fstType, arcType, start, numStates, properties } = readFstHeader(input);
  if (fstType !== 'vector') input.fail('a transducer of type vector', `type '${fstType}'`, at);
  if (arcType !== LATTICE && arcType !== COMPACT)
    input.fail(`a lattice (${LATTICE} or ${COMPACT} arcs)`, `'${arcType}' arcs`, at);
  if (numStates < 0) input.fail('a number of states', String(numStates), at);
  input.need(16 * numStates, `${numStates} states`);
  const known = properties & ~7n;
  const lattice =
    arcType === LATTICE ? readLatticeStates(input, start, numStates) : readCompactStates(input, start, numStates);
  return lattice instanceof Lattice
    ? new Lattice({ ...lattice, properties: known })
    : new CompactLattice({ ...lattice, properties: known });
}

/** Reads a binary lattice as a {@link Lattice}; a compact one is expanded, as Kaldi does. */
export function readBinaryAsLattice(input: KaldiInput): Lattice {
  const lattice = readBinaryLattice(input);
  return lattice instanceof Lattice ? lattice : latticeOf(lattice);
}

/** Reads a binary lattice as a {@link CompactLattice}; a plain one is converted, as Kaldi does. */
export function readBinaryAsCompactLattice(input: KaldiInput): CompactLattice {
  const lattice = readBinaryLattice(input);
  return lattice instanceof Lattice ? compactLatticeOf(lattice) : lattice;
}

function countArcs(input: KaldiInput, least: number): number {
  const at = input.take(8, 'a number of arcs');
  const count = Number(viewOf(input).getBigInt64(at, true));
  if (!(count >= 0 && count < 2 ** 31)) input.fail('a number of arcs', String(count), at);
  input.need(least * count, `${count} arcs`);
  return count;
}

function checkNext(input: KaldiInput, state: number, states: number, at: number): number {
  if (state < 0 || state >= states) input.fail(`a next state below ${states}`, String(state), at);
  return state;
}

function readLatticeStates(input: KaldiInput, start: number, states: number): Lattice {
  const view = viewOf(input);
  const builder = new LatticeBuilder();
  builder.ensureStates(states);
  builder.setStart(start);
  for (let s = 0; s < states; s++) {
    const f = input.take(8, `the final costs of state ${s}`);
    builder.setFinal(s, view.getFloat32(f, true), view.getFloat32(f + 4, true));
    for (let n = countArcs(input, 20); n > 0; n--) {
      const at = input.take(20, 'an arc');
      builder.addArc(s, {
        ilabel: view.getInt32(at, true),
        olabel: view.getInt32(at + 4, true),
        graphCost: view.getFloat32(at + 8, true),
        acousticCost: view.getFloat32(at + 12, true),
        nextState: checkNext(input, view.getInt32(at + 16, true), states, at + 16),
      });
    }
  }
  return builder.build();
}

function readCompactStates(input: KaldiInput, start: number, states: number): CompactLattice {
  const view = viewOf(input);
  const builder = new CompactLatticeBuilder();
  builder.ensureStates(states);
  builder.setStart(start);
  const weight = (): readonly [graphCost: number, acousticCost: number, transitionIds: Int32Array] => {
    const at = input.take(12, 'a weight');
    const length = view.getInt32(at + 8, true);
    if (length < 0) input.fail('the length of a string', String(length), at + 8);
    const from = input.take(4 * length, 'transition ids');
    const ids = new Int32Array(length);
    for (let i = 0; i < length; i++) ids[i] = view.getInt32(from + 4 * i, true);
    return [view.getFloat32(at, true), view.getFloat32(at + 4, true), ids];
  };
  for (let s = 0; s < states; s++) {
    builder.setFinal(s, ...weight());
    for (let n = countArcs(input, 24); n > 0; n--) {
      const at = input.take(8, 'an arc');
      const label = view.getInt32(at, true);
      if (view.getInt32(at + 4, true) !== label)
        input.fail('an acceptor', `labels ${label}:${view.getInt32(at + 4, true)}`, at);
      const [graphCost, acousticCost, transitionIds] = weight();
      const to = input.take(4, 'a next state');
      const nextState = checkNext(input, view.getInt32(to, true), states, to);
      builder.addArc(s, { label, graphCost, acousticCost, transitionIds, nextState });
    }
  }
  return builder.build();
}

/** A lattice as the bytes of an OpenFst file. Property bits that came from a file are written again. */
export function latticeBytes(lattice: Lattice | CompactLattice): Uint8Array {
  const writer = new ByteWriter();
  const plain = lattice instanceof Lattice;
  const properties = lattice.properties ?? (plain ? latticeProperties(lattice) : compactLatticeProperties(lattice));
  writeFstHeader(writer, {
    fstType: 'vector',
    arcType: plain ? LATTICE : COMPACT,
    version: 2,
    properties: properties | STORED,
    start: lattice.start,
    numStates: lattice.numStates,
    numArcs: 0,
  });
  if (plain) writeLattice(writer, lattice);
  else writeCompact(writer, lattice);
  return writer.bytes();
}

function writeLattice(writer: ByteWriter, lattice: Lattice): void {
  for (let s = 0; s < lattice.numStates; s++) {
    const [from, to] = [lattice.firstArc[s]!, lattice.firstArc[s + 1]!];
    writer.float32(lattice.finalGraphCost[s]!);
    writer.float32(lattice.finalAcousticCost[s]!);
    writer.int64(to - from);
    for (let a = from; a < to; a++) {
      writer.int32(lattice.ilabel[a]!);
      writer.int32(lattice.olabel[a]!);
      writer.float32(lattice.graphCost[a]!);
      writer.float32(lattice.acousticCost[a]!);
      writer.int32(lattice.nextState[a]!);
    }
  }
}

function writeCompact(writer: ByteWriter, lattice: CompactLattice): void {
  const string = (labels: Int32Array): void => {
    writer.int32(labels.length);
    for (const label of labels) writer.int32(label);
  };
  for (let s = 0; s < lattice.numStates; s++) {
    const [from, to] = [lattice.firstArc[s]!, lattice.firstArc[s + 1]!];
    writer.float32(lattice.finalGraphCost[s]!);
    writer.float32(lattice.finalAcousticCost[s]!);
    string(lattice.finalString(s));
    writer.int64(to - from);
    for (let a = from; a < to; a++) {
      writer.int32(lattice.label[a]!);
      writer.int32(lattice.label[a]!);
      writer.float32(lattice.graphCost[a]!);
      writer.float32(lattice.acousticCost[a]!);
      string(lattice.string(a));
      writer.int32(lattice.nextState[a]!);
    }
  }
}
