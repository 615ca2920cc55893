import { type DenominatorGraph, denominatorForwardBackward } from '@jebena/chain';
import type { Matrix } from '@jebena/io-ark';
import type { Language } from '../language.js';
import { digitWords } from '../strings.js';

/** Leaky HMM of the counting: next to none, for these are whole strings. */
const leaky = 1e-5;
/** How many digits too many or too few it takes for a correction of 1: a few strings say little. */
const caution = 2;
/** The largest correction: a digit that is not found because nobody said it must not be found in others. */
const largest = 3;

/**
 * Corrects how readily a speaker's digits are found. All digits are as likely, says the grammar; a network that finds
 * far more sevens than sixes in what somebody said takes the one for the other. So each digit gets a constant that is
 * added to its scores (a part of the output's bias, in effect), such that what the network expects to have been said
 * holds as much of each. No transcript is needed.
 *
 * The constants b maximise sum_d b_d N/10 - sum_strings log Z(b) - caution/2 |b|^2, N the words that are expected, Z the
 * denominator: a concave function whose derivative by b_d is N/10 less the expected count of d, less caution * b_d. They are kept
 * within bounds.
 */
export class DigitBalance {
  /** By digit. */
  readonly corrections: Float64Array = new Float64Array(digitWords.length);
  private readonly heard: Matrix[] = [];
  private readonly pdfs: readonly number[];

  constructor(
    language: Language,
    private readonly denominator: DenominatorGraph,
  ) {
    this.pdfs = digitWords.map((word) => firstPdf(language, word));
  }

  /** Strings heard so far. */
  get strings(): number {
    return this.heard.length;
  }

  /** Takes in what the network made of a string, frames x pdfs. */
  hear(output: Matrix): void {
    this.heard.push(output);
  }

  /** Moves the corrections towards the best for all that was heard; some ten rounds reach it from anywhere. */
  settle(rounds: number): void {
    const { corrections: b } = this;
    for (let round = 0; round < rounds; round++) {
      const counts = this.expectedCounts();
      const even = counts.reduce((a, c) => a + c, 0) / counts.length;
      // Newton's step, as if half of what is found of a digit were in doubt: less is, so that no step goes too far.
      counts.forEach((count, d) => {
        const next = b[d]! + (even - count - caution * b[d]!) / (0.5 * even + caution);
        b[d] = Math.max(-largest, Math.min(largest, next));
      });
    }
  }

  /** A string's scores with the corrections. */
  apply({ rows, cols, data }: Matrix): Matrix {
    const corrected = data.slice();
    this.pdfs.forEach((pdf, d) => {
      for (let t = 0; t < rows; t++) corrected[t * cols + pdf]! += this.corrections[d]!;
    });
    return { rows, cols, data: corrected };
  }

  /** How many of each digit there are in what was heard, on average over all that can be said. */
  private expectedCounts(): Float64Array {
    const counts = new Float64Array(digitWords.length);
    for (const output of this.heard) {
      const posteriors = new Float32Array(output.data.length);
      denominatorForwardBackward(this.denominator, this.apply(output), 1, leaky, -1, posteriors);
      this.pdfs.forEach((pdf, d) => {
        for (let t = 0; t < output.rows; t++) counts[d]! += posteriors[t * output.cols + pdf]!;
      });
    }
    return counts;
  }
}

/** The pdf of a digit's first frame: it comes once in the digit, and in no other. */
function firstPdf({ symbols, transitionModel }: Language, word: string): number {
  const [unit] = symbols.lexicon.pronunciations(word)[0]!.phones;
  const phone = symbols.phones.label(unit!);
  const { tidToPhone, tidIsSelfLoop, tidToPdf } = transitionModel;
  return tidToPdf[tidToPhone.findIndex((p, tid) => p === phone && !tidIsSelfLoop[tid])]!;
}
