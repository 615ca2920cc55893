import { Fbank } from '@jebena/features';

/** The recordings' rate, in samples a second. */
export const sampleRate = 8000;

/** Options of the features, as `compute-fbank-feats` takes them; OUT/fbank.conf holds them for the recogniser. */
export const fbankOptions = { sampleFrequency: sampleRate, numMelBins: 40, dither: 0 } as const;

export const makeFbank = (): Fbank => new Fbank(fbankOptions);
