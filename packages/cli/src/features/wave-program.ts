import type { FrameOptions, WaveFeature } from '@jebena/features';
import { FeatureError, seedFor, waveDuration } from '@jebena/features';
import {
  type AnyMatrix,
  type HtkFeatures,
  type Matrix,
  type Wave,
  doubleHolder,
  floatHolder,
  htkHolder,
  matrixHolder,
  waveHolder,
} from '@jebena/io-ark';
import {
  type OptionSpecs,
  type OptionValues,
  UsageError,
  bool,
  choice,
  defineOptions,
  float,
  int,
  text,
} from '@jebena/options';
import { type MappedTable, mappedTable } from './mapped-table.js';
import { type Program, type ProgramContext, defineProgram } from '../program.js';
import { exitCode, readTable, tableWriter, writing } from '../io-ark/tables.js';

const outputOptions = defineOptions({
  outputFormat: choice('kaldi', ['kaldi', 'htk'] as const, 'Format of the output files'),
  subtractMean: bool(false, 'Subtract the mean of each utterance'),
  channel: int(-1, 'Channel to take (-1: expect one, 0: left, 1: right)'),
  minDuration: float(0, 'Least duration of an utterance in seconds'),
  writeUtt2dur: text('', "Wspecifier for the duration of each utterance in seconds, e.g. 'ark,t:utt2dur'"),
  srand: int(0, 'Seed of the dither'),
});

/** The options of programs whose features can be warped. */
const warpOptions = defineOptions({
  vtlnWarp: float(1, 'Warp factor (only where vtln-map is not given)'),
  vtlnMap: text('', 'Map from utterance or speaker to warp factor (rspecifier)'),
  utt2spk: text('', 'Map from utterance to speaker, where vtln-map is by speaker (rspecifier)'),
});

type Given = OptionValues<typeof outputOptions> & Partial<OptionValues<typeof warpOptions>>;

interface WaveProgram<S extends OptionSpecs> {
  readonly name: string;
  readonly summary: string;
  /** The feature's own options. */
  readonly options: S;
  readonly warped: boolean;
  readonly make: (options: OptionValues<S>) => WaveFeature;
  /** HTK's code of the features, with its qualifiers. */
  readonly htkKind: (options: OptionValues<S>) => number;
}

/** A program that computes features from a table of waves: compute-mfcc-feats and the like. */
export const waveProgram = <S extends OptionSpecs>({
  name,
  summary,
  options: own,
  warped,
  make,
  htkKind,
}: WaveProgram<S>): Program =>
  defineProgram<OptionSpecs>({
    name,
    summary,
    usage: ['<wav-rspecifier> <feats-wspecifier>'],
    options: { ...own, ...outputOptions, ...(warped ? warpOptions : {}) },
    args: [2, 2],
    run: async ([waves, output], all, context) => {
      const given = all as unknown as Given;
      const featureOptions = Object.fromEntries(Object.keys(own).map((key) => [key, all[key]])) as OptionValues<S>;
      const feature = make(featureOptions);
      const warps = warpOf(given, context);
      const htk = given.outputFormat === 'htk';
      const feats = htk ? undefined : tableWriter<AnyMatrix>(matrixHolder, output!);
      const htkFeats = htk ? tableWriter<HtkFeatures>(htkHolder, output!) : undefined;
      const samplePeriod = Math.trunc((featureOptions as unknown as FrameOptions).frameShift * 10000);
      const durations = given.writeUtt2dur ? tableWriter(doubleHolder, given.writeUtt2dur) : undefined;
      let [count, done] = [0, 0];
      const one = async (key: string, wave: Wave): Promise<void> => {
        const samples = channelOf(key, wave, given, context);
        if (!samples) return;
        const vtlnWarp = await warps.get(key);
        if (vtlnWarp === undefined) return context.warn(`No vtln-map entry for utterance-id (or speaker-id) ${key}`);
        const matrix = attempt(key, context, () =>
          feature.compute(samples, { sampleRate: wave.sampleRate, vtlnWarp, seed: seedFor(given.srand, key) }),
        );
        if (!matrix) return;
        if (given.subtractMean) subtractMean(matrix);
        await feats?.write(key, matrix);
        await htkFeats?.write(key, { feats: matrix, samplePeriod, parameterKind: htkKind(featureOptions) });
        await durations?.write(key, Math.fround(waveDuration(wave)));
        done++;
      };
      try {
        await writing([feats, htkFeats, durations], async () => {
          for await (const [key, wave] of readTable(waveHolder, waves!, context)) {
            count++;
            await one(key, wave);
          }
        });
      } finally {
        await warps.close();
      }
      context.log(`Done ${done} out of ${count} utterances.`);
      return exitCode(done);
    },
  });

/** The samples to compute from; warns and gives none where there are none, as Kaldi does. */
export function channelOf(
  key: string,
  wave: Wave,
  { channel, minDuration }: Pick<Given, 'channel' | 'minDuration'>,
  { warn }: ProgramContext,
): Float32Array | undefined {
  const count = wave.channels.length;
  const duration = waveDuration(wave);
  if (duration < minDuration) return void warn(`File: ${key} is too short (${duration} sec): producing no output.`);
  if (channel === -1 && count !== 1)
    warn(`Channel not specified but you have data with ${count} channels; defaulting to zero`);
  if (channel >= count)
    return void warn(`File ${key} has ${count} channels but you specified channel ${channel}, producing no output.`);
  return wave.channels[Math.max(0, channel)];
}

/** What `work` gives, or nothing and a warning where the wave does not fit. */
export function attempt<T>(key: string, { warn }: ProgramContext, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    return void warn(`Failed to compute features for utterance ${key}: ${error.message}`);
  }
}

function warpOf({ vtlnWarp = 1, vtlnMap = '', utt2spk = '' }: Given, context: ProgramContext): MappedTable<number> {
  if (utt2spk && !vtlnMap) throw new UsageError('--utt2spk is only needed where --vtln-map is given');
  if (vtlnMap) return mappedTable(floatHolder, vtlnMap, utt2spk, context);
  return { get: async () => vtlnWarp, close: async () => undefined };
}

function subtractMean({ rows, cols, data }: Matrix): void {
  for (let c = 0; c < cols; c++) {
    let sum = 0;
    for (let i = c; i < data.length; i += cols) sum += data[i]!;
    for (let i = c; i < data.length; i += cols) data[i] = data[i]! - sum / rows;
  }
}
