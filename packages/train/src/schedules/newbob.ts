/** Settings of {@link Newbob}. */
export interface NewbobSettings {
  /** Relative improvement below which the rate is cut. Default 0.001 (PyTorch-Kaldi's). */
  readonly threshold?: number;
  /** What the rate is multiplied by then. Default 0.5. */
  readonly factor?: number;
  /** Stop once the rate has been cut this often; Infinity (default): never. */
  readonly cuts?: number;
}

/**
 * Halving on a validation set: `report` the objective (which is to grow) after each epoch, and the rate is cut
 * when it improved by less than a share of itself. A schedule that looks at results, so an object with a state.
 *
 * @example
 * ```ts
 * const newbob = new Newbob(0.08);
 * newbob.report(-2.0);
 * newbob.report(-1.9995); // hardly better
 * newbob.rate; // 0.04
 * ```
 */
export class Newbob {
  private last: number | undefined;
  private cuts = 0;
  constructor(
    public rate: number,
    private readonly settings: NewbobSettings = {},
  ) {
    if (!(rate > 0)) throw new RangeError(`Newbob: expected a rate above 0, found ${rate}`);
  }

  /** Takes an epoch's objective on the validation set. Returns whether to go on. */
  report(objective: number): boolean {
    const { threshold = 0.001, factor = 0.5, cuts = Infinity } = this.settings;
    const { last } = this;
    this.last = objective;
    if (last === undefined) return true;
    // Not a number is no improvement.
    const better = (objective - last) / Math.abs(last) >= threshold;
    if (!better) {
      this.rate *= factor;
      this.cuts++;
    }
    return this.cuts < cuts;
  }

  readonly schedule = (): number => this.rate;

  /** What a checkpoint keeps. */
  state(): { rate: number; last: number | undefined; cuts: number } {
    return { rate: this.rate, last: this.last, cuts: this.cuts };
  }
  restore({ rate, last, cuts }: ReturnType<Newbob['state']>): void {
    this.rate = rate;
    this.last = last;
    this.cuts = cuts;
  }
}
