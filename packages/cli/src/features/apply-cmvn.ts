import { applyCmvn, parseDims } from '@jebena/features';
import { type AnyMatrix, type Matrix, doubleMatrixHolder, isReadSpecifier } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, text } from '@jebena/options';
import { readObject } from '../io-ark/tables.js';
import { type ProgramContext, defineProgram } from '../program.js';
import { type MappedTable, mappedTable } from './mapped-table.js';
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
    if (!options.normMeans) return changeMatrices(input!, output!, (feats) => feats, context);
    const table = await statsOf(stats!, utt2spk, context);
    const normalise = async (feats: Matrix, key: string): Promise<Matrix | undefined> => {
      const found = await table.get(key);
      if (found) return applyCmvn(feats, found, { ...options, skipDims: dims });
      return void context.warn(`No normalization statistics available for key ${key}, producing no output`);
    };
    try {
      return await changeMatrices(input!, output!, normalise, context);
    } finally {
      await table.close();
    }
  },
});

async function statsOf(stats: string, utt2spk: string, context: ProgramContext): Promise<MappedTable<AnyMatrix>> {
  if (isReadSpecifier(stats)) return mappedTable(doubleMatrixHolder, stats, utt2spk, context);
  if (utt2spk) throw new UsageError('--utt2spk is for tables of statistics (did you forget ark:?)');
  const all = await readObject(doubleMatrixHolder, stats);
  return { get: async () => all, close: async () => undefined };
}
