import { type Supervision, supervisionHolder } from '@jebena/chain';
import {
  EgsReport,
  type Example,
  type NnetChainExample,
  nnetChainExampleHolder,
  toNnetChainExample,
  UtteranceSupervision,
  withTargets,
} from '@jebena/egs';
import { type Matrix, matrixHolder, vectorHolder } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int, text } from '@jebena/options';
import { transitionModelHolder } from '../hmm/objects.js';
import { writeChunks } from '../egs/write-chunks.js';
import { openTable, readObject, readTable } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { chainEgsOptions } from './chain-egs-options.js';
import { normalizationFstScale, readNormalization } from './normalization.js';

const options = defineOptions({
  ...chainEgsOptions,
  numFrames: text('1', 'Frames of each eg, the primary size first, e.g. 150,110,90; -1: whole utterances'),
  supervisionLengthTolerance: int(
    1,
    'Tolerated difference of supervision to feats and weights, in output frames',
    atLeast(0),
  ),
  derivWeightsRspecifier: text('', 'Rspecifier of vectors of a weight for each output frame'),
  normalizationFstScale,
  transitionModel: text('', 'Transition model, for unconstrained egs of supervision made with --convert-to-pdfs=false'),
  longKey: bool(false, 'Name context and length of each eg in its key'),
});

/** Cuts features and supervision to examples for LF-MMI, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-get-egs',
  summary:
    'Cuts features and supervision into chain examples; without a normalization FST, nnet3-chain-normalize-egs must follow.',
  usage: ['[<normalization-fst>] <features-rspecifier> <chain-supervision-rspecifier> <egs-wspecifier>'],
  options,
  args: [3, 4],
  run: async (args, given, context) => {
    const [features, supervisionTable, output] = args.slice(-3);
    const normalization =
      args.length === 4 ? await readNormalization(args[0]!, given.normalizationFstScale) : undefined;
    const unconstrained = given.transitionModel
      ? await readObject(transitionModelHolder, given.transitionModel)
      : undefined;
    const report = new EgsReport({
      onProblem: ({ kind, key, message }) => context.warn(`no egs of ${key}: ${kind}: ${message}`),
    });
    const ivectorSpecifier = given.onlineIvectors || given.ivectors;
    const supervisions = openTable<Supervision>(supervisionHolder, supervisionTable!, context);
    const ivectors = ivectorSpecifier ? openTable<Matrix>(matrixHolder, ivectorSpecifier, context) : undefined;
    const weights = given.derivWeightsRspecifier
      ? openTable(vectorHolder, given.derivWeightsRspecifier, context)
      : undefined;
    const targets = {
      get: async (key: string): Promise<UtteranceSupervision | undefined> => {
        const supervision = await supervisions.get(key);
        if (!supervision || !weights)
          return supervision && new UtteranceSupervision(supervision, { normalization, unconstrained });
        const derivWeights = await weights.get(key);
        const apart = derivWeights && Math.abs(derivWeights.length - supervision.framesPerSequence);
        if (apart !== undefined && apart <= given.supervisionLengthTolerance)
          return new UtteranceSupervision(supervision, { normalization, unconstrained, derivWeights });
        context.warn(
          `${key}: expected ${supervision.framesPerSequence} weights of derivatives, found ${derivWeights?.length ?? 'none'}`,
        );
        return undefined;
      },
    };
    const join = withTargets(targets, {
      ivectors,
      ivectorPeriod: given.onlineIvectorPeriod,
      ivectorTolerance: given.lengthTolerance,
      frameSubsamplingFactor: given.frameSubsamplingFactor,
      lengthTolerance: given.supervisionLengthTolerance,
      report,
      signal: context.signal,
    });
    const utterances = join(readTable(matrixHolder, features!, context));
    const convert = (chunk: Example): [string, NnetChainExample] => [
      given.longKey ? longKey(chunk) : chunk.key,
      toNnetChainExample(chunk, given),
    ];
    const target = { holder: nnetChainExampleHolder, output: output!, convert };
    return writeChunks(utterances, given, target, report, context).finally(async () => {
      await supervisions.close();
      await ivectors?.close();
      await weights?.close();
    });
  },
});

/** With left context, length and right context behind the key, as `--long-key` has it. */
function longKey({ key, inputs, outputs }: Example): string {
  const { first, count } = inputs[0]!;
  const frames = outputs[0]!.count * outputs[0]!.stride;
  return `${key}-${-first}-${frames}-${count + first - frames}-v1`;
}
