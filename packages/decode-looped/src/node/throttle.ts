/** How much of something may come a second, and at once after a rest. */
export class Throttle {
  private credit: number;
  private at = 0;

  /**
   * @param rate units a second; 0: no limit
   * @param burst units that may come at once
   */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
  ) {
    this.credit = burst;
  }

  /**
   * Counts what came.
   *
   * @param now seconds
   * @returns seconds until more may come
   */
  take(units: number, now: number): number {
    if (this.rate === 0) return 0;
    this.credit = Math.min(this.burst, this.credit + (now - this.at) * this.rate) - units;
    this.at = now;
    return Math.max(0, -this.credit / this.rate);
  }
}
