import type { Matrix } from '@jebena/io-ark';

/** A connected-digit utterance, ready for training or testing. */
export interface Utterance {
  readonly id: string;
  readonly speaker: string;
  readonly words: readonly string[];
  /** Frames x mel bins, every 10 ms. */
  readonly feats: Matrix;
}

/** A recording of one digit, for strings that are joined of such. */
export interface Take {
  readonly digit: number;
  readonly speaker: string;
  /** Frames x mel bins. */
  readonly feats: Matrix;
  /** So many of its first and as many of its last frames are of the quiet around it. */
  readonly edge: number;
}

/** Utterances to test on, by themselves. */
export interface TestSet {
  /** As in the line `WER name ...`. */
  readonly name: string;
  readonly utterances: readonly Utterance[];
  /** Which of a speaker's strings tell how the speaker says the digits: those before, all, or none. */
  readonly heard?: 'before' | 'all';
}

/** What the recipe trains and tests on. */
export interface DigitsData {
  readonly train: readonly Utterance[];
  /** The recordings that training may use. */
  readonly takes: readonly Take[];
  /** Features of quiet noise, some seconds. */
  readonly noise: Matrix;
  readonly tests: readonly TestSet[];
  /** Samples per second of the recordings that the features were made of. */
  readonly sampleRate: number;
}
