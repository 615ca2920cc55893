/** Why data do not become examples. */
export type ProblemKind =
  | 'missing-features'
  | 'missing-targets'
  | 'missing-ivectors'
  | 'length-mismatch'
  | 'too-short'
  | 'bad-label'
  | 'bad-supervision'
  | 'left-over';

/** Utterances of which so few are too few to say that too large a share fails. */
const fewest = 20;

/** Something that cannot become examples: which utterance or example, and why. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly key: string;
  /** The utterance that an example is of, where the key is the example's. */
  readonly utterance?: string | undefined;
  /** What was expected and what was found. */
  readonly message: string;
}

/** Data that cannot become examples, where no report was given to count them in. */
export class EgsError extends Error {
  readonly code = 'ERR_EGS';
  override readonly name = 'EgsError';
  constructor(readonly problem: Problem) {
    super(`${problem.kind}: '${problem.key}': ${problem.message}`);
  }
}

/**
 * Counts what is left out, so that nothing is lost in silence. A stage that is given a report counts and goes on; a
 * stage without one throws an {@link EgsError} at the first problem.
 *
 * @example
 * ```ts
 * const report = new EgsReport({ onProblem: (p) => console.warn(p.kind, p.key, p.message) });
 * const stage = chunks({ sizes: [150, 110, 90], report });
 * // afterwards
 * report.summary(); // ['too-short: 3 (first: utt7: ...)']
 * ```
 */
export class EgsReport {
  private readonly firsts = new Map<ProblemKind, Problem>();
  private readonly counts = new Map<ProblemKind, number>();
  private readonly onProblem: ((problem: Problem) => void) | undefined;
  private readonly mostFailed: number;
  /** Utterances that were asked for, and those of them that gave nothing for a fault of theirs. */
  private asked = 0;
  private readonly faulty = new Set<string>();

  /** @param options `mostFailed`: the share of utterances that may fail, short ones aside, before a run stops; 1, the default: all */
  constructor({ onProblem, mostFailed = 1 }: { onProblem?: (problem: Problem) => void; mostFailed?: number } = {}) {
    this.onProblem = onProblem;
    this.mostFailed = mostFailed;
  }

  add(problem: Problem): void {
    if (!this.firsts.has(problem.kind)) this.firsts.set(problem.kind, problem);
    this.counts.set(problem.kind, this.count(problem.kind) + 1);
    this.onProblem?.(problem);
    // Short utterances and left-over examples are no faults.
    if (problem.kind === 'too-short' || problem.kind === 'left-over') return;
    this.faulty.add(problem.utterance ?? problem.key);
    if (this.asked >= fewest) this.check();
  }

  /** Counts an utterance that is about to be made examples of. */
  ask(): void {
    this.asked++;
  }

  /**
   * Looks whether too many utterances have failed. A run does so by itself once it has seen twenty; call it at the end of a
   * short one.
   *
   * @throws EgsError with the first fault
   */
  check(): void {
    if (this.faulty.size <= this.mostFailed * this.asked) return;
    const [first] = [...this.firsts.values()].filter(({ kind }) => kind !== 'too-short' && kind !== 'left-over');
    const share = `${this.faulty.size} of ${this.asked} utterances failed, more than ${100 * this.mostFailed} %; the first`;
    throw new EgsError({ ...first!, message: `${share}: ${first!.message}` });
  }

  /** How many problems there were, of one kind or in all. */
  count(kind?: ProblemKind): number {
    if (kind) return this.counts.get(kind) ?? 0;
    let total = 0;
    for (const count of this.counts.values()) total += count;
    return total;
  }

  /** A line for each kind of problem met. */
  summary(): string[] {
    return [...this.firsts].map(
      ([kind, { key, message }]) => `${kind}: ${this.count(kind)} (first: ${key}: ${message})`,
    );
  }
}

/** Counts a problem, or throws where nothing counts. */
export function leaveOut(report: EgsReport | undefined, problem: Problem): void {
  if (!report) throw new EgsError(problem);
  report.add(problem);
}
