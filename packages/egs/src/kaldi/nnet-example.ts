import type { Holder } from '@jebena/io-ark';
import { type NnetIo, nnetIoStructure, readNnetIo, writeNnetIo } from './nnet-io.js';

/** A training example, or a minibatch of them, as Kaldi's files hold it (NnetExample, nnet3/nnet-example.h). */
export interface NnetExample {
  readonly io: readonly NnetIo[];
}

/** Tables of examples (`egs.*.ark`), kept in the form in which they were written. */
export const nnetExampleHolder: Holder<NnetExample> = {
  what: 'an example',
  read: (input) => {
    input.expectToken('<Nnet3Eg>');
    input.expectToken('<NumIo>');
    const start = input.offset;
    const count = input.readInt32('a number of inputs and outputs');
    if (count < 1) input.fail('a number of inputs and outputs above 0', String(count), start);
    const io: NnetIo[] = [];
    while (io.length < count) io.push(readNnetIo(input));
    input.expectToken('</Nnet3Eg>');
    return { io };
  },
  write: (output, { io }) => {
    output.writeToken('<Nnet3Eg>');
    output.writeToken('<NumIo>');
    output.writeInt32(io.length);
    for (const one of io) writeNnetIo(output, one);
    output.writeToken('</Nnet3Eg>');
  },
};

/** The most indexes that an input or output has: an example's size in a minibatch rule. */
export const nnetExampleSize = ({ io }: NnetExample): number => Math.max(...io.map((one) => one.indexes.n.length));

/** A text that is the same for examples that may be merged. */
export const nnetExampleStructure = ({ io }: NnetExample): string => io.map(nnetIoStructure).join(';');
