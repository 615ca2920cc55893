import { type CmvnStats, FeatureError, accumulateCmvn, emptyCmvnStats } from '@jebena/features';
import {
  type AnyMatrix,
  type Matrix,
  anyMatrixHolder,
  isWriteSpecifier,
  matrixHolder,
  tokenVectorHolder,
  vectorHolder,
} from '@jebena/io-ark';
import { UsageError, bool, defineOptions, text } from '@jebena/options';
import { exitCode, openTable, readTable, tableWriter, writeObject, writing } from '../io-ark/tables.js';
import { type ProgramContext, defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'compute-cmvn-stats',
  summary: 'Computes statistics for mean and variance normalisation: of each utterance, each speaker, or all.',
  usage: ['<feats-rspecifier> (<stats-wspecifier>|<stats-wxfilename>)'],
  options: defineOptions({
    spk2utt: text('', 'Map from speaker to utterances (rspecifier)'),
    binary: bool(true, 'Write in binary (only for statistics of all)'),
    weights: text('', 'Weights of the frames of each utterance (rspecifier of vectors)'),
  }),
  args: [2, 2],
  run: async ([input, output], { spk2utt, binary, weights }, context) => {
    const adder = new Adder(weights, context);
    try {
      if (isWriteSpecifier(output!)) {
        const writer = tableWriter<AnyMatrix>(anyMatrixHolder, output!);
        const groups = spk2utt ? bySpeaker(input!, spk2utt, adder, context) : byUtterance(input!, adder, context);
        await writing([writer], async () => {
          for await (const [key, stats] of groups) await writer.write(key, stats);
        });
      } else {
        if (spk2utt) throw new UsageError('--spk2utt is for tables of statistics (did you forget ark:?)');
        const all = await overAll(input!, adder, context);
        await writeObject<AnyMatrix>(matrixHolder, output!, { ...all, data: Float32Array.from(all.data) }, binary);
        context.log(`Wrote global CMVN stats to ${output}`);
      }
    } finally {
      await adder.close();
    }
    context.log(`Done accumulating CMVN stats for ${adder.done} utterances; ${adder.errors} had errors.`);
    return exitCode(adder.done);
  },
});

async function overAll(input: string, adder: Adder, context: ProgramContext): Promise<CmvnStats> {
  let all: CmvnStats | undefined;
  for await (const [key, feats] of readTable(matrixHolder, input, context))
    await adder.add((all ??= emptyCmvnStats(feats.cols)), key, feats);
  if (!all) throw new UsageError(`${input}: expected features, found none`);
  return all;
}

async function* byUtterance(input: string, adder: Adder, context: ProgramContext): AsyncGenerator<[string, CmvnStats]> {
  for await (const [key, feats] of readTable(matrixHolder, input, context)) {
    const stats = emptyCmvnStats(feats.cols);
    if (await adder.add(stats, key, feats)) yield [key, stats];
  }
}

async function* bySpeaker(
  input: string,
  spk2utt: string,
  adder: Adder,
  context: ProgramContext,
): AsyncGenerator<[string, CmvnStats]> {
  const table = openTable(matrixHolder, input, context);
  try {
    for await (const [speaker, utterances] of readTable(tokenVectorHolder, spk2utt, context)) {
      let stats: CmvnStats | undefined;
      for (const key of utterances) {
        const feats = await table.get(key);
        if (!feats) adder.fail(`Did not find features for utterance ${key}`);
        else await adder.add((stats ??= emptyCmvnStats(feats.cols)), key, feats);
      }
      if (stats) yield [speaker, stats];
      else context.warn(`No stats accumulated for speaker ${speaker}`);
    }
  } finally {
    await table.close();
  }
}

/** Adds utterances to statistics, with their weights, and counts them. */
class Adder {
  done = 0;
  errors = 0;
  private readonly weights;

  constructor(
    weights: string,
    private readonly context: ProgramContext,
  ) {
    this.weights = weights ? openTable(vectorHolder, weights, context) : undefined;
  }

  async close(): Promise<void> {
    await this.weights?.close();
  }

  fail(message: string): false {
    this.context.warn(message);
    this.errors++;
    return false;
  }

  async add(stats: CmvnStats, key: string, feats: Matrix): Promise<boolean> {
    const weights = await this.weights?.get(key);
    if (this.weights && !weights) return this.fail(`No weights available for utterance ${key}`);
    try {
      accumulateCmvn(stats, feats, weights);
    } catch (error) {
      if (!(error instanceof FeatureError)) throw error;
      return this.fail(`For utterance ${key}: ${error.message}`);
    }
    this.done++;
    return true;
  }
}
