/** One pass over the training data. */
export interface PlannedEpoch {
  /** Which alignment it trains on: 0 is the equal segmentation, 1 the first that the network made, ... */
  readonly round: number;
  /** Its number within the round. */
  readonly epoch: number;
}

/** Passes on the equal segmentation and on each realignment but the last: the alignments are poor, so few. */
const epochsOfRounds: readonly number[] = [2, 1, 1, 1];

/** All passes in order: short rounds, each followed by a realignment, and `epochs` passes on the last alignment. */
export const planEpochs = (epochs: number): PlannedEpoch[] =>
  [...epochsOfRounds, epochs].flatMap((count, round) =>
    Array.from({ length: count }, (_, epoch) => ({ round, epoch })),
  );
