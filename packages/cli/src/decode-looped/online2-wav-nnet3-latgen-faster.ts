import { BeamSearch, SearchGraph, searchOptions } from '@jebena/decode';
import { type CmvnParts, EndPointer, endPointOptions, endPointState, FrontEnd } from '@jebena/decode-looped';
import { readConfigFile } from '@jebena/decode-looped/node';
import {
  accumulateCmvn,
  type CmvnStats,
  emptyCmvnStats,
  Fbank,
  fbankOptions,
  Mfcc,
  mfccOptions,
  onlineCmvnOptions,
  type WaveFeature,
} from '@jebena/features';
import {
  doubleMatrixHolder,
  isReadSpecifier,
  type Matrix,
  tokenVectorHolder,
  type Wave,
  waveHolder,
} from '@jebena/io-ark';
import {
  bool,
  choice,
  defineOptions,
  float,
  type OptionValues,
  resolveOptions,
  text,
  UsageError,
} from '@jebena/options';
import type { Item } from '@jebena/stream';
import { latgen, latgenOptions } from '../decode/latgen.js';
import { readAcousticModel } from '../graph/models.js';
import { openTable, readObject, readTable } from '../io-ark/tables.js';
import type { AcousticModel } from '@jebena/graph';
import { fstHolder } from '@jebena/wfst';
import { defineProgram, type Program, type ProgramContext } from '../program.js';
import { type LoopedUtterance, loopedOptions, loopedScores } from './looped-scores.js';
import { pickOptions } from './pick-options.js';

const options = defineOptions({
  ...loopedOptions,
  ...latgenOptions,
  chunkLength: float(0.18, 'Seconds of audio taken at a time; 0 or less: the whole wave'),
  featureType: choice('mfcc', ['mfcc', 'fbank'], 'Features of the model'),
  mfccConfig: text('', 'Configuration file of mfcc features'),
  fbankConfig: text('', 'Configuration file of fbank features'),
  cmvnConfig: text('', 'Configuration file of online normalisation; none without it'),
  globalCmvnStats: text('', 'Statistics of the training corpus, for online normalisation'),
  doEndpointing: bool(false, 'End an utterance where the rules of end-pointing do; what follows is not decoded'),
  ...endPointOptions,
  online: bool(true, 'Kaldi estimates iVectors before decoding without it; here there are none'),
});

/** How waves become features. */
interface Hearing {
  readonly feature: WaveFeature;
  readonly cmvn: CmvnParts | undefined;
  /** Of a piece. */
  readonly seconds: number;
}

/** Features of a wave, piece by piece; in the end the speaker's statistics take in those that were taken. */
function* pieces({ sampleRate, channels }: Wave, hearing: Hearing, speaker: CmvnStats): Generator<Matrix> {
  const { feature, cmvn, seconds } = hearing;
  const samples = channels[0]!;
  const length = seconds > 0 ? Math.max(1, Math.floor(seconds * sampleRate)) : samples.length;
  const frontEnd = new FrontEnd(feature, sampleRate, { cmvn, speakerStats: structuredClone(speaker) });
  let heard = 0;
  try {
    for (; heard < samples.length; heard += length) yield frontEnd.push(samples.subarray(heard, heard + length));
    yield frontEnd.flush();
  } finally {
    if (cmvn) accumulateCmvn(speaker, feature.compute(samples.subarray(0, heard + length), { sampleRate }));
  }
}

/** The waves of each speaker, in turn. */
async function* waves(
  speakers: string,
  specifier: string,
  hearing: Hearing,
  ended: () => LoopedUtterance['ended'],
  context: ProgramContext,
): AsyncGenerator<Item<LoopedUtterance>> {
  const table = openTable(waveHolder, specifier, context);
  try {
    for await (const [, utterances] of readTable(tokenVectorHolder, speakers, context)) {
      const speaker = emptyCmvnStats(hearing.feature.dim);
      for (const key of utterances) {
        const wave = await table.get(key);
        if (wave) yield [key, { pieces: pieces(wave, hearing, speaker), ended: ended() }];
        else context.warn(`Did not find audio for utterance ${key}`);
      }
    }
  } finally {
    await table.close();
  }
}

/** For each utterance a search that says when it is over. */
async function endPoints(
  { transitions }: AcousticModel,
  graphFile: string,
  given: OptionValues<typeof options>,
  { geometry, sampleRate }: WaveFeature,
): Promise<() => LoopedUtterance['ended']> {
  if (isReadSpecifier(graphFile))
    throw new UsageError('option --do-endpointing: expected one graph, found a table of them');
  const graph = new SearchGraph(await readObject(fstHolder, graphFile), transitions.tidToPdf);
  const endPointer = new EndPointer(pickOptions(endPointOptions, given));
  const isSilence = (tid: number): boolean => endPointer.silencePhones.has(transitions.tidToPhone[tid]!);
  const secondsPerFrame = (given.frameSubsamplingFactor * geometry.shift) / sampleRate;
  return () => {
    const search = new BeamSearch(graph, transitions.tidToPdf, pickOptions(searchOptions, given));
    search.start();
    return (scores) => {
      search.advance(scores);
      return endPointer.rule(endPointState(search, isSilence, secondsPerFrame)) !== undefined;
    };
  };
}

export const program: Program<typeof options> = defineProgram({
  name: 'online2-wav-nnet3-latgen-faster',
  summary: 'Makes lattices of waves as an online decoder would: features and network piece by piece.',
  usage: ['<nnet-in> <fst-in> <spk2utt-rspecifier> <wav-rspecifier> <lattice-wspecifier>'],
  options,
  args: [5, 5],
  run: async ([modelFile, graph, speakers, input, lattices], given, context) => {
    const { featureType, mfccConfig, fbankConfig, chunkLength } = given;
    const model = await readAcousticModel(modelFile!);
    const feature =
      featureType === 'mfcc'
        ? new Mfcc(mfccConfig ? readConfigFile(mfccConfig, mfccOptions) : resolveOptions(mfccOptions))
        : new Fbank(fbankConfig ? readConfigFile(fbankConfig, fbankOptions) : resolveOptions(fbankOptions));
    const { cmvnConfig, globalCmvnStats } = given;
    if ((cmvnConfig === '') !== (globalCmvnStats === ''))
      throw new UsageError('expected --cmvn-config and --global-cmvn-stats, found one of them');
    const cmvn = cmvnConfig
      ? {
          globalStats: await readObject(doubleMatrixHolder, globalCmvnStats),
          options: readConfigFile(cmvnConfig, onlineCmvnOptions),
        }
      : undefined;
    const ended = given.doEndpointing ? await endPoints(model, graph!, given, feature) : () => undefined;
    const heard = waves(speakers!, input!, { feature, cmvn, seconds: chunkLength }, ended, context);
    const scores = loopedScores(model, heard, pickOptions(loopedOptions, given), context);
    // What stops early in Kaldi, without a final state, is written too.
    const search = { ...pickOptions(latgenOptions, given), allowPartial: true };
    return latgen(scores, model.transitions, { graph: graph!, lattices: lattices! }, search, context);
  },
});
