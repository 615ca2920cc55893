import type { Matrix } from '@jebena/io-ark';

/** A connected-digit utterance, ready for training or testing. */
export interface Utterance {
  readonly id: string;
  readonly speaker: string;
  readonly words: readonly string[];
  /** Frames x mel bins, every 10 ms. */
  readonly feats: Matrix;
}

/** Utterances to test on, by themselves. */
export interface TestSet {
  /** As in the line `WER name ...`. */
  readonly name: string;
  readonly utterances: readonly Utterance[];
}

/** What the recipe trains and tests on. */
export interface DigitsData {
  readonly train: readonly Utterance[];
  readonly tests: readonly TestSet[];
  /** Samples per second of the recordings that the features were made of. */
  readonly sampleRate: number;
}
