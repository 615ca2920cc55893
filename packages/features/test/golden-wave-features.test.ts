import {
  type ComputeOptions,
  Fbank,
  type FbankOptions,
  Mfcc,
  type MfccOptions,
  Plp,
  Spectrogram,
  type WaveFeature,
} from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import { describe } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { expectClose } from './support/close.js';
import { joinRows, pieces } from './support/pieces.js';
import { goldenArk, goldenWaves } from './support/tables.js';

const at8k = { dither: 0, sampleFrequency: 8000 };
const fbank = (options: Partial<FbankOptions>): WaveFeature => new Fbank({ ...at8k, ...options });
const mfcc = (options: Partial<MfccOptions>): WaveFeature => new Mfcc({ ...at8k, ...options });

/** The same features from pieces of uneven length. */
function inPieces(feature: WaveFeature, samples: Float32Array, options: ComputeOptions): Matrix {
  const online = feature.online(options);
  return joinRows([...Array.from(pieces(samples), (piece) => online.push(piece)), online.flush()]);
}

interface Case {
  readonly ark: string;
  readonly feature: WaveFeature;
  readonly scp?: string;
  readonly channel?: number;
  readonly vtlnWarp?: Record<string, number>;
}

// The options of golden/COMMANDS.md.
const cases: Case[] = [
  { ark: 'mfcc', feature: mfcc({}) },
  {
    ark: 'mfcc_hires',
    feature: mfcc({ useEnergy: false, numMelBins: 40, numCeps: 40, lowFreq: 40, highFreq: -200 }),
  },
  {
    ark: 'mfcc_odd',
    feature: mfcc({
      htkCompat: true,
      cepstralLifter: 0,
      rawEnergy: false,
      windowType: 'hamming',
      frameLength: 32,
      frameShift: 12.5,
      preemphasisCoefficient: 0.9,
      snipEdges: false,
    }),
  },
  { ark: 'fbank40', feature: fbank({ numMelBins: 40 }) },
  { ark: 'fbank_odd', feature: fbank({ useEnergy: true, useLogFbank: false, usePower: false, htkCompat: true }) },
  {
    ark: 'fbank_nopow2',
    feature: fbank({ roundToPowerOfTwo: false, windowType: 'blackman', removeDcOffset: false, numMelBins: 30 }),
  },
  { ark: 'fbank80_16k', feature: fbank({ sampleFrequency: 16000, numMelBins: 80 }), scp: 'wav16.scp' },
  { ark: 'mfcc_16k', feature: mfcc({ sampleFrequency: 16000 }), scp: 'wav16.scp' },
  {
    ark: 'mfcc_vtln',
    feature: mfcc({ vtlnLow: 60, vtlnHigh: 3600 }),
    vtlnWarp: { '3_jackson_7': 0.9, '7_theo_12': 1.1, '0_george_33': 1 },
  },
  { ark: 'plp', feature: new Plp(at8k) },
  { ark: 'spectrogram', feature: new Spectrogram(at8k) },
  { ark: 'fbank_ch1', feature: fbank({}), scp: 'stereo.scp', channel: 1 },
];

describe('Kaldi features of whole waves and of pieces', () => {
  for (const { ark, feature, scp = 'wav.scp', channel = 0, vtlnWarp } of cases)
    testShared(ark, async () => {
      const golden = await goldenArk(`feat/${ark}.ark`);
      for (const [key, wave] of await goldenWaves(scp)) {
        const samples = wave.channels[channel]!;
        const options = { vtlnWarp: vtlnWarp?.[key], sampleRate: wave.sampleRate };
        expectClose(feature.compute(samples, options), golden.get(key)!, 3e-5);
        expectClose(inPieces(feature, samples, options), golden.get(key)!);
      }
    });
});
