import type { PlannedEpoch } from '../results.js';

/** Passes on the equal segmentation and on each realignment but the last: the alignments are poor, so few. */
const epochsOfRounds: readonly number[] = [2, 1, 1, 1];

/** All passes in order: short rounds, each followed by a realignment, and `epochs` passes on the last alignment. */
export const planEpochs = (epochs: number): PlannedEpoch[] =>
  [...epochsOfRounds, epochs].flatMap((count, round) =>
    Array.from({ length: count }, (_, epoch) => ({ round, epoch })),
  );
