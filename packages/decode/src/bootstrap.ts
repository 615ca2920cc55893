import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { DecodeError } from './errors.js';

/** Errors and reference words of one utterance. */
export interface ErrorCount {
  readonly errors: number;
  readonly words: number;
}

export interface BootstrapOptions {
  /** How many samples are drawn. Default 10,000. */
  readonly replications?: number | undefined;
  readonly seed?: number | undefined;
}

export interface BootstrapInterval {
  /** Error rate in percent, averaged over the samples. */
  readonly mean: number;
  /** Half the width of the 95 % interval, of a normal distribution with the samples' deviation. */
  readonly interval: number;
}

/**
 * A 95 % confidence interval of the word error rate by drawing utterances with replacement (M. Bisani, H. Ney,
 * "Bootstrap estimates for confidence intervals in ASR performance evaluation", 2004; compute-wer-bootci).
 *
 * @throws DecodeError for no utterances, or none with words
 */
export function bootstrapWer(counts: readonly ErrorCount[], options: BootstrapOptions = {}): BootstrapInterval {
  return moments(
    replicate(
      counts.map(({ errors, words }) => [errors, words]),
      options,
    ).map(([e, w]) => (100 * e!) / w!),
  );
}

/**
 * How likely a second system is to be better than a first: the share of samples in which its error rate is lower.
 *
 * @param first counts of the first system, `second` of the other over the same utterances
 * @throws DecodeError where the lists differ in length
 */
export function bootstrapImprovement(
  first: readonly ErrorCount[],
  second: readonly ErrorCount[],
  options: BootstrapOptions = {},
): number {
  if (first.length !== second.length)
    throw new DecodeError('ERR_DECODE_TEXT', `bootstrap: ${first.length} utterances against ${second.length}`);
  const samples = replicate(
    first.map(({ errors }, i) => [errors, second[i]!.errors]),
    options,
  );
  return samples.filter(([a, b]) => b! < a!).length / samples.length;
}

/** Sums of the rows over each sample of as many rows as there are. */
function replicate(rows: readonly number[][], { replications = 10_000, seed = 0 }: BootstrapOptions): number[][] {
  if (rows.length === 0) throw new DecodeError('ERR_DECODE_TEXT', 'bootstrap: expected utterances, found none');
  const random = xoroshiro128plus(seed);
  return Array.from({ length: replications }, () => {
    const sums = rows[0]!.map(() => 0);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[uniformInt(random, 0, rows.length - 1)]!;
      for (let c = 0; c < sums.length; c++) sums[c]! += row[c]!;
    }
    return sums;
  });
}

function moments(samples: readonly number[]): BootstrapInterval {
  const valid = samples.filter((value) => Number.isFinite(value));
  if (valid.length === 0) throw new DecodeError('ERR_DECODE_TEXT', 'bootstrap: expected reference words, found none');
  const mean = valid.reduce((sum, value) => sum + value, 0) / valid.length;
  const variance = valid.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(valid.length - 1, 1);
  return { mean, interval: 1.96 * Math.sqrt(variance) };
}
