import {
  type AnyMatrix,
  type Matrix,
  compressedHolder,
  compressionMethods,
  htkHolder,
  int32Holder,
  isReadSpecifier,
  matrixHolder,
  sphinxHolder,
} from '@jebena/io-ark';
import { type OptionValues, UsageError, bool, defineOptions, int, text, within } from '@jebena/options';
import { defineProgram, type ProgramContext } from '../program.js';
import { exitCode, readObject, readTable, tableWriter, writeObject, writing } from './tables.js';

const options = defineOptions({
  htkIn: bool(false, 'Read input as HTK features'),
  sphinxIn: bool(false, 'Read input as Sphinx features of 13 dimensions'),
  binary: bool(true, 'Binary-mode output (not relevant if writing to archive)'),
  compress: bool(false, 'If true, write output in compressed form (tables only)'),
  compressionMethod: int(1, 'Method of compression, 1 through 7 (only with --compress=true)', within(1, 7)),
  writeNumFrames: text('', "Wspecifier to write the length in frames of each utterance, e.g. 'ark,t:utt2num_frames'"),
});

export const program = defineProgram({
  name: 'copy-feats',
  summary: 'Copies features and possibly changes their format.',
  usage: ['<feature-rspecifier> <feature-wspecifier>', '<feats-rxfilename> <feats-wxfilename>'],
  options,
  args: [2, 2],
  run: async ([input, output], given, context) => {
    if (isReadSpecifier(input!)) {
      const count = await copyTable(input!, output!, given, context);
      context.log(`Copied ${count} feature matrices.`);
      return exitCode(count);
    }
    const { compress, writeNumFrames, sphinxIn, htkIn, binary } = given;
    if (compress || writeNumFrames || sphinxIn)
      throw new UsageError('--compress, --write-num-frames and --sphinx-in are for tables, not for single files');
    const feats = htkIn ? (await readObject(htkHolder, input!)).feats : await readObject(matrixHolder, input!);
    await writeObject<AnyMatrix>(matrixHolder, output!, feats, binary);
    return context.log(`Copied features from ${input} to ${output}`);
  },
});

async function copyTable(
  input: string,
  output: string,
  { htkIn, sphinxIn, compress, compressionMethod, writeNumFrames }: OptionValues<typeof options>,
  context: ProgramContext,
): Promise<number> {
  const method = compressionMethods[compressionMethod - 1]!;
  const feats = tableWriter<AnyMatrix>(compress ? compressedHolder(method) : matrixHolder, output);
  const lengths = writeNumFrames ? tableWriter(int32Holder, writeNumFrames) : undefined;
  let count = 0;
  await writing([feats, lengths], async () => {
    for await (const [key, value] of source(input, { htkIn, sphinxIn }, context)) {
      await feats.write(key, value);
      await lengths?.write(key, value.rows);
      count++;
    }
  });
  return count;
}

async function* source(
  input: string,
  { htkIn, sphinxIn }: { htkIn: boolean; sphinxIn: boolean },
  context: ProgramContext,
): AsyncGenerator<readonly [string, Matrix]> {
  if (htkIn) for await (const [key, { feats }] of readTable(htkHolder, input, context)) yield [key, feats];
  else yield* readTable(sphinxIn ? sphinxHolder() : matrixHolder, input, context);
}
