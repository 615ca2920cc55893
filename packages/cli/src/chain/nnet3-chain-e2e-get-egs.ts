import { trainingGraphToSupervision } from '@jebena/chain';
import {
  Chunker,
  EgsReport,
  type NnetChainExample,
  nnetChainExampleHolder,
  type Numerator,
  sliceRows,
  TargetJoiner,
  toNnetChainExample,
  UtteranceSupervision,
} from '@jebena/egs';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { defineOptions, text, UsageError } from '@jebena/options';
import { type Fst, fstHolder } from '@jebena/wfst';
import { transitionModelHolder } from '../hmm/objects.js';
import { openTable, readObject, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { readFstFile } from '../wfst/files.js';
import { chainEgsOptions } from './chain-egs-options.js';

const options = defineOptions({
  ...chainEgsOptions,
  numFrames: text('-1', 'Lengths that utterances may have, in frames, e.g. 150,165,180; -1: any'),
});

/** Frames that may be cut off an utterance, or repeated at its end, to make its length one that is allowed. */
const mostChanged = 4;

/** Makes an example of each whole utterance for end-to-end LF-MMI, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-e2e-get-egs',
  summary:
    'Makes a chain example of each utterance and its training graph; without a normalization FST, nnet3-chain-normalize-egs must follow.',
  usage: [
    '[<normalization-fst>] <features-rspecifier> <training-graphs-rspecifier> <transition-model> <egs-wspecifier>',
  ],
  options,
  args: [4, 5],
  run: async (args, given, context) => {
    const [features, graphs, modelFile, output] = args.slice(-4);
    const normalization = args.length === 5 ? await readFstFile(args[0]!) : undefined;
    const model = await readObject(transitionModelHolder, modelFile!);
    const lengthOf = allowedLength(given.numFrames, given.frameSubsamplingFactor);
    const report = new EgsReport({
      onProblem: ({ kind, key, message }) => context.warn(`no eg of ${key}: ${kind}: ${message}`),
    });
    const feats = openTable<Matrix>(matrixHolder, features!, context);
    const ivectorSpecifier = given.onlineIvectors || given.ivectors;
    const ivectors = ivectorSpecifier ? openTable<Matrix>(matrixHolder, ivectorSpecifier, context) : undefined;
    const { leftContext, rightContext, leftContextInitial, rightContextFinal, frameSubsamplingFactor } = given;
    const around = { leftContext, rightContext, leftContextInitial, rightContextFinal };
    const chunker = new Chunker({ ...around, frameSubsamplingFactor, sizes: -1, seed: given.srand, report });
    const writer = tableWriter<NnetChainExample>(nnetChainExampleHolder, output!);
    let written = 0;
    const make = async (key: string, graph: Fst): Promise<void> => {
      const own = await feats.get(key);
      if (!own?.rows)
        return report.add({ kind: 'missing-features', key, message: 'there are no features of this key' });
      const frames = lengthOf(own.rows);
      if (Math.abs(frames - own.rows) > Math.max(mostChanged, frameSubsamplingFactor - 1))
        return report.add({
          kind: 'length-mismatch',
          key,
          message: `${own.rows} frames, where the nearest length that is allowed is ${frames}`,
        });
      const numerator: Numerator = (outputFrames) =>
        new UtteranceSupervision(trainingGraphToSupervision(graph, model, outputFrames), { normalization });
      const joiner = new TargetJoiner(
        { get: () => numerator },
        {
          ivectors,
          ivectorPeriod: given.onlineIvectorPeriod,
          ivectorTolerance: given.lengthTolerance,
          frameSubsamplingFactor,
          report,
        },
      );
      const utterance = await joiner.join(key, sliceRows(own, 0, frames));
      for (const example of utterance ? chunker.push(utterance) : []) {
        await writer.write(key, toNnetChainExample(example, given));
        written++;
      }
    };
    await writing([writer], async () => {
      for await (const [key, graph] of readTable(fstHolder, graphs!, context)) await make(key, graph);
    }).finally(async () => {
      await feats.close();
      await ivectors?.close();
    });
    for (const line of report.summary()) context.warn(`left out: ${line}`);
    context.log(`Wrote ${written} examples, left out ${report.count()}`);
    return written > 0 ? 0 : 1;
  },
});

/** The allowed length that is nearest to an utterance's: multiples of the subsampling factor. */
function allowedLength(list: string, factor: number): (frames: number) => number {
  const lengths = list.split(',').map(Number);
  const whole = lengths.length === 1 && lengths[0] === -1;
  if (!whole && !lengths.every((length) => Number.isInteger(length) && length > 0))
    throw new UsageError(`option --num-frames: expected lengths above 0, or -1 alone, found '${list}'`);
  const rounded = lengths.map((length) => Math.ceil(length / factor) * factor);
  if (whole) return (frames) => Math.ceil(frames / factor) * factor;
  return (frames) => rounded.reduce((a, b) => (Math.abs(b - frames) < Math.abs(a - frames) ? b : a));
}
