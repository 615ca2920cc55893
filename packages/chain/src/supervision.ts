import type { Holder, KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { ByteWriter, type Fst, formatFst, parseFstFrom, readFstFrom, writeFstTo } from '@jebena/wfst';

/**
 * What a stretch of speech may be, for LF-MMI: all allowed sequences of pdfs (Kaldi: chain/chain-supervision.h).
 * Labels of the acceptors are pdf + 1; every path is as long as the frames of its sequence.
 */
export interface Supervision {
  /** Scale of this supervision in the objective; 1 as a rule. */
  readonly weight: number;
  readonly numSequences: number;
  /** Output frames of each sequence; of the longest, where `lengths` says that they differ. */
  readonly framesPerSequence: number;
  /** Output frames of each sequence, of end-to-end supervision that was padded to one length. Kaldi's files cannot hold it. */
  readonly lengths?: Int32Array | undefined;
  /** Number of pdfs. */
  readonly labelDim: number;
  /** One acceptor over all sequences, one after the other; absent when each has its own. */
  readonly fst?: Fst | undefined;
  /** End to end: an acceptor for each sequence, with self-loops. */
  readonly e2eFsts?: readonly Fst[] | undefined;
  /** The pdfs of an alignment, ordered by frame, then by sequence; of unconstrained supervision only. */
  readonly alignmentPdfs?: Int32Array | undefined;
}

/** Reads a supervision, in binary or text form. */
export function readSupervision(input: KaldiInput): Supervision {
  input.expectToken('<Supervision>');
  input.expectToken('<Weight>');
  const weight = input.readFloat('a weight');
  input.expectToken('<NumSequences>');
  const numSequences = positive(input, 'a number of sequences');
  input.expectToken('<FramesPerSeq>');
  const framesPerSequence = positive(input, 'a number of frames');
  input.expectToken('<LabelDim>');
  const labelDim = positive(input, 'a number of pdfs');
  // Files from before end-to-end training lack this token.
  const e2e = input.acceptToken('<End2End>') && input.readBool();
  const graphs = e2e ? { e2eFsts: readFsts(input, numSequences) } : { fst: readAcceptor(input) };
  const alignmentPdfs = input.acceptToken('<AlignmentPdfs>') ? input.readInt32Vector() : undefined;
  input.expectToken('</Supervision>');
  return { weight, numSequences, framesPerSequence, labelDim, ...graphs, alignmentPdfs };
}

function positive(input: KaldiInput, what: string): number {
  const start = input.offset;
  const count = input.readInt32(what);
  if (count < 1) input.fail(`${what} above 0`, String(count), start);
  return count;
}

function readFsts(input: KaldiInput, count: number): Fst[] {
  input.expectToken('<Fsts>');
  const fsts: Fst[] = [];
  while (fsts.length < count) fsts.push(readAcceptor(input));
  input.expectToken('</Fsts>');
  return fsts;
}

function readAcceptor(input: KaldiInput): Fst {
  if (input.binary) return readFstFrom(input);
  // Text starts on a line of its own.
  input.readLine();
  return parseFstFrom(input);
}

/** Writes a supervision as Kaldi does: compact acceptors in binary form, plain ones in text. */
export function writeSupervision(output: KaldiOutput, supervision: Supervision): void {
  const { weight, numSequences, framesPerSequence, labelDim, fst, e2eFsts, alignmentPdfs } = supervision;
  if (supervision.lengths)
    throw new RangeError('writing supervision: expected sequences of one length, found padded ones');
  output.writeToken('<Supervision>');
  output.writeToken('<Weight>');
  output.writeFloat(weight);
  output.writeToken('<NumSequences>');
  output.writeInt32(numSequences);
  output.writeToken('<FramesPerSeq>');
  output.writeInt32(framesPerSequence);
  output.writeToken('<LabelDim>');
  output.writeInt32(labelDim);
  output.writeToken('<End2End>');
  output.writeBool(e2eFsts !== undefined);
  if (e2eFsts) {
    output.writeToken('<Fsts>');
    for (const one of e2eFsts) writeAcceptor(output, one);
    output.writeToken('</Fsts>');
  } else writeAcceptor(output, fst!);
  if (alignmentPdfs?.length) {
    output.writeToken('<AlignmentPdfs>');
    output.writeInt32Vector(alignmentPdfs);
  }
  output.writeToken('</Supervision>');
}

function writeAcceptor(output: KaldiOutput, fst: Fst): void {
  if (!output.binary) return output.writeText(`\n${formatFst(fst, { precision: 7 })}\n`);
  const writer = new ByteWriter();
  writeFstTo(writer, fst, { type: 'compact_acceptor' });
  output.writeBytes(writer.bytes());
}

/** Tables of supervisions. */
export const supervisionHolder: Holder<Supervision> = {
  what: 'a supervision',
  read: readSupervision,
  write: writeSupervision,
};
