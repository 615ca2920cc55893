import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { computeProperties } from '../properties.js';
import { ByteWriter } from './byte-writer.js';
import { writeFstHeader } from './fst-header.js';

/** How a transducer is laid out in a file. */
export type FstType = 'vector' | 'const' | 'compact_acceptor';

export interface WriteFstOptions {
  /** `vector` unless given: what most of Kaldi's programs write. mkgraph writes `const`. */
  readonly type?: FstType | undefined;
}

const EXPANDED = 1n;
const MUTABLE = 2n;
const bodies: Record<FstType, (writer: ByteWriter, fst: Fst) => void> = {
  vector: writeVector,
  const: writeConst,
  compact_acceptor: writeCompactAcceptor,
};

/** A transducer as the bytes of an OpenFst file. */
export function writeFst(fst: Fst, options: WriteFstOptions = {}): Uint8Array {
  const writer = new ByteWriter(256 + 16 * fst.numArcs + 20 * fst.numStates);
  writeFstTo(writer, fst, options);
  return writer.bytes();
}

/**
 * Writes the bytes of an OpenFst file behind what the writer holds. Property bits that came from a file are written
 * again; others are computed in full.
 *
 * @throws FstError `ERR_FST_NOT_ACCEPTOR` where `compact_acceptor` is asked of a transducer
 */
export function writeFstTo(writer: ByteWriter, fst: Fst, { type = 'vector' }: WriteFstOptions = {}): void {
  const properties = fst.properties ?? computeProperties(fst);
  writeFstHeader(writer, {
    fstType: type,
    arcType: fst.semiring === 'log' ? 'log' : 'standard',
    version: 2,
    properties: properties | EXPANDED | (type === 'vector' ? MUTABLE : 0n),
    start: fst.start,
    numStates: fst.numStates,
    numArcs: type === 'vector' ? 0 : fst.numArcs,
    inputSymbols: fst.inputSymbols,
    outputSymbols: fst.outputSymbols,
  });
  bodies[type](writer, fst);
}

function writeArc(writer: ByteWriter, fst: Fst, a: number): void {
  writer.int32(fst.ilabel[a]!);
  writer.int32(fst.olabel[a]!);
  writer.float32(fst.weight[a]!);
  writer.int32(fst.nextState[a]!);
}

function writeVector(writer: ByteWriter, fst: Fst): void {
  for (let s = 0; s < fst.numStates; s++) {
    const [from, to] = [fst.firstArc[s]!, fst.firstArc[s + 1]!];
    writer.float32(fst.final[s]!);
    writer.int32(to - from);
    writer.int32(0);
    for (let a = from; a < to; a++) writeArc(writer, fst, a);
  }
}

function writeConst(writer: ByteWriter, fst: Fst): void {
  for (let s = 0; s < fst.numStates; s++) {
    const [from, to] = [fst.firstArc[s]!, fst.firstArc[s + 1]!];
    let inputEpsilons = 0;
    let outputEpsilons = 0;
    for (let a = from; a < to; a++) {
      if (fst.ilabel[a] === 0) inputEpsilons++;
      if (fst.olabel[a] === 0) outputEpsilons++;
    }
    writer.float32(fst.final[s]!);
    writer.int32(from);
    writer.int32(to - from);
    writer.int32(inputEpsilons);
    writer.int32(outputEpsilons);
  }
  for (let a = 0; a < fst.numArcs; a++) writeArc(writer, fst, a);
}

function writeCompactAcceptor(writer: ByteWriter, fst: Fst): void {
  for (let a = 0; a < fst.numArcs; a++)
    if (fst.ilabel[a] !== fst.olabel[a])
      throw new FstError(
        'ERR_FST_NOT_ACCEPTOR',
        `compact_acceptor: expected equal labels, found ${fst.ilabel[a]}:${fst.olabel[a]}`,
      );
  let finals = 0;
  writer.int32(0);
  for (let s = 0; s < fst.numStates; s++) {
    if (fst.isFinal(s)) finals++;
    writer.int32(fst.firstArc[s + 1]! + finals);
  }
  for (let s = 0; s < fst.numStates; s++) {
    if (fst.isFinal(s)) {
      writer.int32(-1);
      writer.float32(fst.final[s]!);
      writer.int32(-1);
    }
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      writer.int32(fst.ilabel[a]!);
      writer.float32(fst.weight[a]!);
      writer.int32(fst.nextState[a]!);
    }
  }
}
