/** Sums over some minibatches, by output. */
export interface OutputSums {
  /** The objective, added up. */
  readonly objective: number;
  /** What regularization of the output adds to it; undefined where there is none. */
  readonly auxiliary?: number | undefined;
  /** What it is divided by when it is printed: frames, mostly. */
  readonly weight: number;
  /** Rows that were right, by weight; undefined where the objective does not say. */
  readonly correct: number | undefined;
}

/** A minibatch from which nothing was learned. */
export interface FailedMinibatch {
  readonly minibatch: string;
  readonly output: string;
  readonly reason: string;
}

/** Some minibatches were trained on. */
export interface MinibatchEvent {
  readonly type: 'minibatches';
  /** Steps made so far, in all. */
  readonly step: number;
  /** Minibatches that this event sums up. */
  readonly count: number;
  readonly outputs: Readonly<Record<string, OutputSums>>;
  readonly learningRate: number;
  /** Minibatches that were left out, where there were any. */
  readonly failed?: readonly FailedMinibatch[];
  /** Input frames, all sequences together. */
  readonly frames: number;
  /** Time that these minibatches took, waiting for data included. */
  readonly seconds: number;
  /** The part of it that was spent waiting for data. */
  readonly waitingSeconds: number;
}

/** All minibatches of the source were trained on. */
export interface EndEvent {
  readonly type: 'end';
  readonly step: number;
  readonly outputs: Readonly<Record<string, OutputSums>>;
  /** How many minibatches were left out, where any were. */
  readonly failed?: number;
  readonly frames: number;
  readonly seconds: number;
  readonly waitingSeconds: number;
}

/** What the trainer yields. */
export type TrainEvent = MinibatchEvent | EndEvent;

/** Adds up sums of the same outputs. */
export function addOutputs(
  a: Readonly<Record<string, OutputSums>>,
  b: Readonly<Record<string, OutputSums>>,
): Record<string, OutputSums> {
  const total: Record<string, OutputSums> = { ...a };
  for (const [name, sums] of Object.entries(b)) {
    const old = total[name];
    total[name] = old
      ? {
          objective: old.objective + sums.objective,
          weight: old.weight + sums.weight,
          auxiliary: both(old.auxiliary, sums.auxiliary),
          correct: both(old.correct, sums.correct),
        }
      : sums;
  }
  return total;
}

/** The sum where both say something. */
const both = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;
