/** One pass over the training data, as it was planned. */
export interface PlannedEpoch {
  /** Which alignment it trains on: 0 is the equal segmentation, 1 the first that the network made, ... LF-MMI has but 0. */
  readonly round: number;
  /** Its number within the round. */
  readonly epoch: number;
}

/** What came of it. */
export interface EpochResult extends PlannedEpoch {
  /** Per frame of the output: LF-MMI's, or the mean log-probability of the aligned state. */
  readonly objective: number;
  /** Cross-entropy: share of frames whose most probable state is the aligned one. */
  readonly accuracy?: number;
  /** LF-MMI: the mean log-probability of what the numerator allows, in the branch for cross-entropy. */
  readonly branch?: number;
  readonly learningRate: number;
  readonly frames: number;
  readonly seconds: number;
  /** The part of them that was spent waiting for minibatches. */
  readonly waitingSeconds: number;
}

/** Counts of one comparison of words. */
export interface ErrorCounts {
  readonly words: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly substitutions: number;
}

/** One utterance that was recognised. */
export interface Hypothesis {
  readonly id: string;
  readonly speaker: string;
  readonly reference: readonly string[];
  readonly words: readonly string[];
  /** Frames [first, end) of each word of `words`. */
  readonly times: readonly (readonly [first: number, end: number])[];
}

/** A test set and what was recognised of it. */
export interface TestResult extends ErrorCounts {
  readonly name: string;
  readonly speakers: Readonly<Record<string, ErrorCounts>>;
  /** How often a reference word (row) was recognised as a word (column); '' stands for none. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly hypotheses: readonly Hypothesis[];
}

/** All that OUT/results.json holds. */
export interface DigitsResults {
  readonly options: Readonly<Record<string, unknown>>;
  readonly engine: {
    readonly name: string;
    readonly version: string;
    readonly precision: string;
    readonly threads: number;
  };
  readonly parameters: number;
  readonly epochs: readonly EpochResult[];
  readonly tests: readonly TestResult[];
  readonly trainingSeconds: number;
}

export const errorsOf = ({ insertions, deletions, substitutions }: ErrorCounts): number =>
  insertions + deletions + substitutions;

/** Percent of the reference's words. */
export const errorRate = (counts: ErrorCounts): number =>
  counts.words === 0 ? 0 : (100 * errorsOf(counts)) / counts.words;

/** `WER test 0.40 % [ 1 / 250, 0 ins, 0 del, 1 sub ]` */
export const errorLine = (result: TestResult): string =>
  `WER ${result.name} ${errorRate(result).toFixed(2)} % [ ${errorsOf(result)} / ${result.words}, ` +
  `${result.insertions} ins, ${result.deletions} del, ${result.substitutions} sub ]`;
