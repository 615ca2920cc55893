import { select } from './select.js';

export interface CutoffOptions {
  readonly beam: number;
  readonly maxActive: number;
  readonly minActive: number;
  readonly beamDelta: number;
}

/** Which tokens of a frame are followed, and how wide the beam of the next one is (GetCutoff in Kaldi's decoders). */
export class Cutoff {
  /** Tokens of a higher cost are not followed. */
  limit = Infinity;
  adaptiveBeam = Infinity;
  /** The token of lowest cost, -1 when there is none. */
  best = -1;
  private scratch = new Float64Array(1024);

  constructor(private readonly options: CutoffOptions) {}

  /** Looks at tokens `base` up to, not including, `end`. */
  find(costs: Float64Array, base: number, end: number): void {
    const { beam, maxActive, minActive, beamDelta } = this.options;
    let best = -1;
    let lowest = Infinity;
    for (let t = base; t < end; t++)
      if (costs[t]! < lowest) {
        lowest = costs[t]!;
        best = t;
      }
    this.best = best;
    const n = end - base;
    const byBeam = lowest + beam;
    if (n > maxActive || (n > minActive && minActive > 0)) {
      if (n > this.scratch.length) this.scratch = new Float64Array(2 * n);
      this.scratch.set(costs.subarray(base, end));
    }
    if (n > maxActive) {
      const limit = select(this.scratch, n, maxActive);
      if (limit < byBeam) return this.set(limit, limit - lowest + beamDelta);
    }
    const least = n > minActive ? (minActive === 0 ? lowest : select(this.scratch, n, minActive)) : Infinity;
    if (least > byBeam) this.set(least, least - lowest + beamDelta);
    else this.set(byBeam, beam);
  }

  private set(limit: number, adaptiveBeam: number): void {
    this.limit = limit;
    this.adaptiveBeam = adaptiveBeam;
  }
}
