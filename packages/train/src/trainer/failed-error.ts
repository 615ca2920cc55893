import type { FailedMinibatch } from './events.js';

/** Minibatches of which so few are too few to say that too large a share fails, while a run still goes on. */
const fewest = 20;

/** Too many minibatches failed for a run to go on: the message says how many, and why the first did. */
export class FailedMinibatchesError extends Error {
  readonly code = 'ERR_FAILED_MINIBATCHES';
  override readonly name = 'FailedMinibatchesError';
}

/** Counts minibatches from which nothing was learned. */
export class FailureCount {
  failed = 0;
  private all = 0;
  private first: FailedMinibatch | undefined;

  /** @param mostShare the share of minibatches that may fail */
  constructor(private readonly mostShare: number) {}

  /**
   * @param ended whether the run is over: a small one is then measured, too
   * @throws FailedMinibatchesError where more have failed than may
   */
  add(failed: readonly FailedMinibatch[], count: number, ended: boolean = false): void {
    this.failed += failed.length;
    this.all += count;
    this.first ??= failed[0];
    if (!this.first || this.failed <= this.mostShare * this.all || (this.all < fewest && !ended)) return;
    const { minibatch, output, reason } = this.first;
    throw new FailedMinibatchesError(
      `${this.failed} of ${this.all} minibatches failed, more than ${100 * this.mostShare} %; the first, '${minibatch}', output '${output}': ${reason}`,
    );
  }
}
