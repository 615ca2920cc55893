/** A word, when it was said, in seconds from the start of the stream, and how sure it is. */
export interface TimedWord {
  readonly word: string;
  readonly begin: number;
  readonly end: number;
  /** Probability that it is right, from the lattice; absent where the recogniser makes none. */
  readonly confidence?: number | undefined;
}

/** What has been heard of the present segment: given when it has changed. */
export interface PartialEvent {
  readonly type: 'partial';
  readonly text: string;
  /** The beginning of `text` that will not change any more. */
  readonly stable: string;
}

/** Another way to hear a segment. */
export interface Alternative {
  readonly text: string;
  readonly words: readonly TimedWord[];
  /** Probability, among all ways that were kept. */
  readonly confidence: number;
}

/** A segment that is over. */
export interface FinalEvent {
  readonly type: 'final';
  readonly text: string;
  readonly words: readonly TimedWord[];
  /** Seconds from the start of the stream. */
  readonly begin: number;
  readonly end: number;
  /** The likeliest ways to hear it, best first, where they were asked for; the first has the most likely sequence. */
  readonly alternatives?: readonly Alternative[] | undefined;
  /** Which of the five rules ended it; absent at the end of the stream. */
  readonly rule?: number | undefined;
}

export type RecognitionEvent = PartialEvent | FinalEvent;
