import { readConfigFile } from '@jebena/decode-looped/node';
import { Fbank, fbankOptions, Mfcc, mfccOptions, type WaveFeature } from '@jebena/features';
import { type Matrix, tokenVectorHolder, type Wave, waveHolder } from '@jebena/io-ark';
import { bool, choice, defineOptions, float, resolveOptions, text } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { latgen, latgenOptions } from '../decode/latgen.js';
import { readAcousticModel } from '../graph/models.js';
import { openTable, readTable } from '../io-ark/tables.js';
import { defineProgram, type Program, type ProgramContext } from '../program.js';
import { loopedOptions, loopedScores } from './looped-scores.js';
import { pickOptions } from './pick-options.js';

const options = defineOptions({
  ...loopedOptions,
  ...latgenOptions,
  chunkLength: float(0.18, 'Seconds of audio taken at a time; 0 or less: the whole wave'),
  featureType: choice('mfcc', ['mfcc', 'fbank'], 'Features of the model'),
  mfccConfig: text('', 'Configuration file of mfcc features'),
  fbankConfig: text('', 'Configuration file of fbank features'),
  online: bool(true, 'Kaldi estimates iVectors before decoding without it; here there are none'),
});

/** Features of a wave, piece by piece. */
function* pieces({ sampleRate, channels }: Wave, feature: WaveFeature, seconds: number): Generator<Matrix> {
  const samples = channels[0]!;
  const length = seconds > 0 ? Math.max(1, Math.floor(seconds * sampleRate)) : samples.length;
  const online = feature.online({ sampleRate });
  for (let at = 0; at < samples.length; at += length) yield online.push(samples.subarray(at, at + length));
  yield online.flush();
}

/** The waves of each speaker, in turn. */
async function* waves(
  speakers: string,
  specifier: string,
  feature: WaveFeature,
  seconds: number,
  context: ProgramContext,
): AsyncGenerator<Item<Iterable<Matrix>>> {
  const table = openTable(waveHolder, specifier, context);
  try {
    for await (const [, utterances] of readTable(tokenVectorHolder, speakers, context))
      for (const key of utterances) {
        const wave = await table.get(key);
        if (wave) yield [key, pieces(wave, feature, seconds)];
        else context.warn(`Did not find audio for utterance ${key}`);
      }
  } finally {
    await table.close();
  }
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
    const heard = waves(speakers!, input!, feature, chunkLength, context);
    const scores = loopedScores(model, heard, pickOptions(loopedOptions, given), context);
    // What stops early in Kaldi, without a final state, is written too.
    const search = { ...pickOptions(latgenOptions, given), allowPartial: true };
    return latgen(scores, model.transitions, { graph: graph!, lattices: lattices! }, search, context);
  },
});
