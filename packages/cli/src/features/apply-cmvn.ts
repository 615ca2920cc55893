import { applyCmvn, parseDims } from '@jebena/features';
import { type AnyMatrix, doubleMatrixHolder, isReadSpecifier, tokenHolder } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, text } from '@jebena/options';
import { openTable, readObject } from '../io-ark/tables.js';
import { type ProgramContext, defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'apply-cmvn',
  summary: 'Normalises mean and, if asked, variance by statistics of the utterance, the speaker or all.',
  usage: ['(<cmvn-stats-rspecifier>|<cmvn-stats-rxfilename>) <feats-rspecifier> <feats-wspecifier>'],
  options: defineOptions({
    utt2spk: text('', 'Map from utterance to speaker (rspecifier)'),
    normVars: bool(false, 'Divide by the deviation as well'),
    normMeans: bool(true, 'Subtract the mean; if false, features are copied'),
    skipDims: text('', 'Columns to leave as they are, as 13:14:15'),
    reverse: bool(false, 'Undo the normalisation instead'),
  }),
  args: [3, 3],
  run: async ([stats, input, output], { utt2spk, skipDims, ...options }, context) => {
    if (options.normVars && !options.normMeans)
      throw new UsageError('expected --norm-means=true with --norm-vars=true, found false');
    const dims = parseDims(skipDims);
    const find = options.normMeans ? await statsOf(stats!, utt2spk, context) : undefined;
    return changeMatrices(
      input!,
      output!,
      async (feats, key) => {
        if (!find) return feats;
        const found = await find(key);
        if (found) return applyCmvn(feats, found, { ...options, skipDims: dims });
        return void context.warn(`No normalization statistics available for key ${key}, producing no output`);
      },
      context,
    );
  },
});

async function statsOf(
  stats: string,
  utt2spk: string,
  context: ProgramContext,
): Promise<(key: string) => Promise<AnyMatrix | undefined>> {
  if (!isReadSpecifier(stats)) {
    if (utt2spk) throw new UsageError('--utt2spk is for tables of statistics (did you forget ark:?)');
    const all = await readObject(doubleMatrixHolder, stats);
    return async () => all;
  }
  const table = openTable(doubleMatrixHolder, stats, context);
  const speakers = utt2spk ? openTable(tokenHolder, utt2spk, context) : undefined;
  return async (key) => {
    const speaker = speakers ? await speakers.get(key) : key;
    return speaker === undefined ? undefined : table.get(speaker);
  };
}
