import type { Posterior } from '@jebena/io-ark';
import type { CompactLattice } from '@jebena/wfst';
import { forwardBackward } from './forward-backward.js';
import type { CostScales } from './lattice-paths.js';
import { stateTimes } from './lattice-times.js';

export interface LatticePosteriors {
  /** Transition ids with their probabilities, by frame, ids ascending. */
  readonly posterior: Posterior;
  /** Logarithm of the sum over all paths. */
  readonly logLike: number;
  /** Expected acoustic log-likelihood, scaled. */
  readonly acousticLogLike: number;
}

/**
 * The probability of each transition id at each frame (lattice-to-post, LatticeForwardBackward).
 *
 * @throws DecodeError for a torn lattice
 */
export function latticePosteriors(lattice: CompactLattice, scales: CostScales = {}): LatticePosteriors {
  const { acousticScale = 1 } = scales;
  const { arcPosterior, finalPosterior, total, order } = forwardBackward(lattice, scales);
  const frames = new FramePosteriors(stateTimes(lattice));
  let acousticLogLike = 0;
  for (const s of order) {
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      acousticLogLike -= arcPosterior[a]! * acousticScale * lattice.acousticCost[a]!;
      frames.add(s, lattice.string(a), arcPosterior[a]!);
    }
    if (!lattice.isFinal(s)) continue;
    acousticLogLike -= finalPosterior[s]! * acousticScale * lattice.finalAcousticCost[s]!;
    frames.add(s, lattice.finalString(s), finalPosterior[s]!);
  }
  return { posterior: frames.posterior(), logLike: -total, acousticLogLike };
}

/** Gathers weights of transition ids by frame. */
export class FramePosteriors {
  private readonly frames: Map<number, number>[];
  private readonly times: Int32Array;

  constructor({ times, numFrames }: { times: Int32Array; numFrames: number }) {
    this.times = times;
    this.frames = Array.from({ length: numFrames }, () => new Map<number, number>());
  }

  /** Adds a weight to every id of a string that begins at a state. */
  add(state: number, ids: Int32Array, weight: number): void {
    if (weight === 0) return;
    const start = this.times[state]!;
    for (let i = 0; i < ids.length; i++) {
      const frame = this.frames[start + i]!;
      frame.set(ids[i]!, (frame.get(ids[i]!) ?? 0) + weight);
    }
  }

  posterior(): Posterior {
    return this.frames.map((frame) =>
      Array.from(frame, ([id, weight]) => [id, weight] as const)
        .filter(([, weight]) => weight !== 0)
        .sort(([a], [b]) => a - b),
    );
  }
}
