import { accumulateSpeech, type CmvnStats, emptyCmvnStats, onlineCmvn } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import type { TestSet, Utterance } from './utterance.js';

/**
 * How features of LF-MMI models are normalised, in training as when speech is recognised as it comes: by the mean of
 * the speech so far, and by the corpus's as if half a second of that had gone before. Frames 15 decibels below the
 * loudest are pauses and do not count: they say more about the pauses than about the voice and the microphone.
 */
export const cmvnOptions = { cmnWindow: 600, speakerFrames: 200, globalFrames: 50, speechRange: 3.5 } as const;

/** Normalises features by statistics of a corpus. */
export class Normaliser {
  private constructor(readonly globalStats: Matrix<Float64Array>) {}

  /** With the statistics of some utterances' speech. */
  static of(utterances: readonly Utterance[]): Normaliser {
    const stats = emptyCmvnStats(utterances[0]!.feats.cols);
    for (const { feats } of utterances) accumulateSpeech(stats, feats, cmvnOptions.speechRange);
    return new Normaliser(stats);
  }

  /** As the first that is heard of a speaker. */
  apply(feats: Matrix): Matrix {
    return onlineCmvn(feats, this.globalStats, cmvnOptions);
  }

  /** As if the speaker had said the like before: what comes late in a long recording. */
  applyLate(feats: Matrix): Matrix {
    const stats = emptyCmvnStats(feats.cols);
    accumulateSpeech(stats, feats, cmvnOptions.speechRange);
    return onlineCmvn(feats, this.globalStats, cmvnOptions, stats);
  }

  /**
   * Each test set three times: with what each speaker said in the strings before, as Kaldi's online decoders carry it on;
   * `NAME-alone`, each string as if nothing had been heard before; and `NAME-twice`, where all strings were heard once.
   */
  tests(tests: readonly TestSet[]): TestSet[] {
    return tests.flatMap(({ name, utterances }) => {
      const carried = this.bySpeaker(utterances);
      return [
        { name, utterances: carried, heard: 'before' },
        { name: `${name}-alone`, utterances: utterances.map((u) => ({ ...u, feats: this.apply(u.feats) })) },
        { name: `${name}-twice`, utterances: carried, heard: 'all' },
      ] satisfies TestSet[];
    });
  }

  private bySpeaker(utterances: readonly Utterance[]): Utterance[] {
    const heard = new Map<string, CmvnStats>();
    return utterances.map((u) => {
      const stats = heard.get(u.speaker) ?? emptyCmvnStats(u.feats.cols);
      const feats = onlineCmvn(u.feats, this.globalStats, cmvnOptions, stats);
      accumulateSpeech(stats, u.feats, cmvnOptions.speechRange);
      heard.set(u.speaker, stats);
      return { ...u, feats };
    });
  }
}
