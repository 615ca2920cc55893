import type { CompactLattice } from '@jebena/wfst';
import { latticeBestPath } from './lattice-paths.js';
import { addWordPenalty } from './lattice-scale.js';
import { scoreUtterances, type Score, type ScoreOptions } from './score.js';

export interface ScaleSearchOptions extends ScoreOptions {
  /** Language model weights to try: the acoustic costs are divided by each. Default 7 to 17. */
  readonly lmWeights?: readonly number[] | undefined;
  /** Word insertion penalties to try. Default 0, 0.5 and 1. */
  readonly penalties?: readonly number[] | undefined;
}

export interface ScaleResult {
  readonly lmWeight: number;
  readonly penalty: number;
  readonly score: Score;
}

/**
 * Scores the best paths of lattices under every language model weight and word insertion penalty, as score.sh does.
 *
 * @param wordOf the symbol of a word label
 * @returns all results, the best first; among equals the lower weight and penalty
 */
export function searchScales(
  lattices: ReadonlyMap<string, CompactLattice>,
  references: ReadonlyMap<string, readonly string[]>,
  wordOf: (label: number) => string,
  {
    lmWeights = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
    penalties = [0, 0.5, 1],
    ...options
  }: ScaleSearchOptions = {},
): ScaleResult[] {
  const results = penalties.flatMap((penalty) =>
    lmWeights.map((lmWeight) => {
      const hypotheses = new Map<string, string[]>();
      for (const [key, lattice] of lattices) {
        // In score.sh the penalty is added to graph costs that stand beside acoustic ones divided by the weight.
        const best = latticeBestPath(addWordPenalty(lattice, penalty), { acousticScale: 1 / lmWeight });
        if (best) hypotheses.set(key, Array.from(best.words, wordOf));
      }
      return { lmWeight, penalty, score: scoreUtterances(references, hypotheses, options) };
    }),
  );
  return results.sort(
    (a, b) => a.score.total.rate - b.score.total.rate || a.penalty - b.penalty || a.lmWeight - b.lmWeight,
  );
}
