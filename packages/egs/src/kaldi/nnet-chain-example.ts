import { readSupervision, type Supervision, writeSupervision } from '@jebena/chain';
import type { Holder, KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { type Indexes, indexesKey, readIndexes, writeIndexes } from './index-vector.js';
import { type NnetIo, nnetIoStructure, readNnetIo, writeNnetIo } from './nnet-io.js';

/** An output of a chain example and what it may be (Kaldi: NnetChainSupervision, nnet3/nnet-chain-example.h). */
export interface NnetChainSupervision {
  readonly name: string;
  readonly indexes: Indexes;
  readonly supervision: Supervision;
  /** A weight of the derivatives for each output frame; empty when all are 1. */
  readonly derivWeights: Float32Array;
}

/** A training example for LF-MMI, or a minibatch of them, as Kaldi's files hold it. */
export interface NnetChainExample {
  readonly inputs: readonly NnetIo[];
  readonly outputs: readonly NnetChainSupervision[];
}

function readOutput(input: KaldiInput): NnetChainSupervision {
  input.expectToken('<NnetChainSup>');
  const name = input.readToken();
  const indexes = readIndexes(input);
  const supervision = readSupervision(input);
  const start = input.offset;
  const derivWeights = readDerivWeights(input);
  const rows = supervision.numSequences * supervision.framesPerSequence;
  if (rows !== indexes.n.length) input.fail(`${indexes.n.length} frames of '${name}'`, String(rows), start);
  if (derivWeights.length !== 0 && derivWeights.length !== rows)
    input.fail(`${rows} weights, or none`, String(derivWeights.length), start);
  input.expectToken('</NnetChainSup>');
  return { name, indexes, supervision, derivWeights };
}

/** `<DW2>` and a vector; in files from before it, `<DW>` and bytes of 1/255; in the oldest, nothing. */
function readDerivWeights(input: KaldiInput): Float32Array {
  if (input.acceptToken('<DW2>')) return input.readVector();
  if (!input.acceptToken('<DW>')) return new Float32Array(0);
  if (!input.binary) return input.readVector();
  const start = input.take(5, 'weights');
  const size = input.bytes[start];
  if (size !== 1) input.fail('weights of one byte (size byte 1)', `size byte ${size}`, start);
  const count = new DataView(input.bytes.buffer, input.bytes.byteOffset).getInt32(start + 1, true);
  const at = input.take(count, `${count} weights`);
  return Float32Array.from(input.bytes.subarray(at, at + count), (byte) => byte / 255);
}

function writeOutput(output: KaldiOutput, { name, indexes, supervision, derivWeights }: NnetChainSupervision): void {
  output.writeToken('<NnetChainSup>');
  output.writeToken(name);
  writeIndexes(output, indexes);
  writeSupervision(output, supervision);
  output.writeToken('<DW2>');
  output.writeVector(derivWeights);
  output.writeToken('</NnetChainSup>');
}

const readMany = <T>(input: KaldiInput, token: string, read: (input: KaldiInput) => T): T[] => {
  input.expectToken(token);
  const start = input.offset;
  const count = input.readInt32('a count');
  if (count < 1) input.fail('a count above 0', String(count), start);
  const all: T[] = [];
  while (all.length < count) all.push(read(input));
  return all;
};

const writeMany = <T>(output: KaldiOutput, token: string, all: readonly T[], write: (item: T) => void): void => {
  output.writeToken(token);
  output.writeInt32(all.length);
  if (!output.binary) output.writeNewline();
  for (const item of all) {
    write(item);
    if (!output.binary) output.writeNewline();
  }
};

/** Tables of chain examples (`cegs.*.ark`), kept in the form in which they were written. */
export const nnetChainExampleHolder: Holder<NnetChainExample> = {
  what: 'a chain example',
  read: (input) => {
    input.expectToken('<Nnet3ChainEg>');
    const inputs = readMany(input, '<NumInputs>', readNnetIo);
    const outputs = readMany(input, '<NumOutputs>', readOutput);
    input.expectToken('</Nnet3ChainEg>');
    return { inputs, outputs };
  },
  write: (output, { inputs, outputs }) => {
    output.writeToken('<Nnet3ChainEg>');
    writeMany(output, '<NumInputs>', inputs, (io) => writeNnetIo(output, io));
    writeMany(output, '<NumOutputs>', outputs, (one) => writeOutput(output, one));
    output.writeToken('</Nnet3ChainEg>');
  },
};

/** The most indexes that an input or output has: an example's size in a minibatch rule. */
export const nnetChainExampleSize = ({ inputs, outputs }: NnetChainExample): number =>
  Math.max(...[...inputs, ...outputs].map((io) => io.indexes.n.length));

/** A text that is the same for examples that may be merged. */
export const nnetChainExampleStructure = ({ inputs, outputs }: NnetChainExample): string =>
  [
    ...inputs.map(nnetIoStructure),
    ...outputs.map(({ name, indexes, supervision: s, derivWeights }) =>
      [name, indexesKey(indexes), s.weight, s.framesPerSequence, s.labelDim, !s.fst, derivWeights.length > 0].join(' '),
    ),
  ].join(';');
