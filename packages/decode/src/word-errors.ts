/** One step of an alignment of two word sequences. */
export interface WordPair<W> {
  readonly kind: 'cor' | 'sub' | 'ins' | 'del';
  /** The reference's word; undefined for an insertion. */
  readonly ref: W | undefined;
  /** The hypothesis' word; undefined for a deletion. */
  readonly hyp: W | undefined;
}

/** How a hypothesis differs from its reference. */
export interface WordComparison<W> {
  readonly insertions: number;
  readonly deletions: number;
  readonly substitutions: number;
  readonly correct: number;
  readonly refLength: number;
  readonly alignment: readonly WordPair<W>[];
}

/**
 * Aligns two sequences with the fewest errors (Levenshtein). Among equally good ones it takes a substitution before a
 * deletion before an insertion, as Kaldi's counts do (util/edit-distance-inl.h).
 *
 * @example
 * ```ts
 * compareWords(['a', 'b'], ['a', 'c', 'd']).insertions; // 1
 * ```
 */
export function compareWords<W>(ref: ArrayLike<W>, hyp: ArrayLike<W>): WordComparison<W> {
  const width = hyp.length + 1;
  const cost = new Int32Array((ref.length + 1) * width);
  for (let h = 1; h < width; h++) cost[h] = h;
  for (let r = 1; r <= ref.length; r++) {
    const above = (r - 1) * width;
    const here = r * width;
    cost[here] = r;
    for (let h = 1; h < width; h++) {
      const sub = cost[above + h - 1]! + (ref[r - 1] === hyp[h - 1] ? 0 : 1);
      cost[here + h] = Math.min(sub, cost[above + h]! + 1, cost[here + h - 1]! + 1);
    }
  }
  const alignment: WordPair<W>[] = [];
  const counts = { cor: 0, sub: 0, ins: 0, del: 0 };
  for (let r = ref.length, h = hyp.length; r > 0 || h > 0;) {
    const here = cost[r * width + h]!;
    const same = r > 0 && h > 0 && ref[r - 1] === hyp[h - 1];
    let kind: WordPair<W>['kind'];
    if (r > 0 && h > 0 && here === cost[(r - 1) * width + h - 1]! + (same ? 0 : 1)) kind = same ? 'cor' : 'sub';
    else if (r > 0 && here === cost[(r - 1) * width + h]! + 1) kind = 'del';
    else kind = 'ins';
    alignment.push({ kind, ref: kind === 'ins' ? undefined : ref[--r], hyp: kind === 'del' ? undefined : hyp[--h] });
    counts[kind]++;
  }
  return {
    insertions: counts.ins,
    deletions: counts.del,
    substitutions: counts.sub,
    correct: counts.cor,
    refLength: ref.length,
    alignment: alignment.reverse(),
  };
}

/**
 * Counts word and sentence errors over utterances and prints them as compute-wer does.
 *
 * @example
 * ```ts
 * const wer = new WordErrorRate();
 * wer.add(compareWords(ref, hyp));
 * String(wer); // '%WER 0.40 [ 1 / 250, 0 ins, 0 del, 1 sub ]'
 * ```
 */
export class WordErrorRate {
  insertions = 0;
  deletions = 0;
  substitutions = 0;
  refWords = 0;
  sentences = 0;
  sentenceErrors = 0;

  add(comparison: Pick<WordComparison<unknown>, 'insertions' | 'deletions' | 'substitutions' | 'refLength'>): this {
    const { insertions, deletions, substitutions, refLength } = comparison;
    this.insertions += insertions;
    this.deletions += deletions;
    this.substitutions += substitutions;
    this.refWords += refLength;
    this.sentences++;
    if (insertions + deletions + substitutions > 0) this.sentenceErrors++;
    return this;
  }

  get errors(): number {
    return this.insertions + this.deletions + this.substitutions;
  }

  /** In percent; NaN before there are words. */
  get rate(): number {
    return (100 * this.errors) / this.refWords;
  }

  /** In percent. */
  get sentenceErrorRate(): number {
    return (100 * this.sentenceErrors) / this.sentences;
  }

  toString(): string {
    const { errors, refWords, insertions, deletions, substitutions } = this;
    return `%WER ${percent(this.rate)} [ ${errors} / ${refWords}, ${insertions} ins, ${deletions} del, ${substitutions} sub ]`;
  }

  /** `%SER 66.67 [ 2 / 3 ]` */
  sentenceLine(): string {
    return `%SER ${percent(this.sentenceErrorRate)} [ ${this.sentenceErrors} / ${this.sentences} ]`;
  }
}

/** Two decimals, as C's printf has it (`nan` where nothing was counted). */
export const percent = (value: number): string => (Number.isNaN(value) ? 'nan' : value.toFixed(2));
