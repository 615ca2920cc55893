import type { Random } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import type { MelAxis } from './mel-axis.js';

/** How one recording is changed. */
export interface TakeChange {
  readonly warp: number;
  readonly bend: number;
  /** Above 1: faster. */
  readonly tempo: number;
  /** Added to each bin's log power. */
  readonly gain: Float32Array;
}

/** Fewest frames that a digit may shrink to: the chain topology needs one in three for each phone. */
const fewest = 15;

/** A recording with another voice, tempo, volume and microphone, by linear interpolation over time and frequency. */
export function changeTake(
  { rows, cols, data }: Matrix,
  axis: MelAxis,
  { warp, bend, tempo, gain }: TakeChange,
): Matrix {
  const places = axis.warped(warp, bend);
  const frames = Math.max(Math.min(rows, fewest), Math.round((rows - 1) / tempo) + 1);
  const out = new Float32Array(frames * cols);
  const step = frames > 1 ? (rows - 1) / (frames - 1) : 0;
  for (let t = 0; t < frames; t++) {
    const early = Math.min(rows - 1, Math.floor(t * step));
    const late = Math.min(rows - 1, early + 1);
    const timePart = t * step - early;
    for (let bin = 0; bin < cols; bin++) {
      const low = Math.min(cols - 2, Math.floor(places[bin]!));
      const part = places[bin]! - low;
      const [a, b] = [early * cols + low, late * cols + low];
      const before = (1 - part) * data[a]! + part * data[a + 1]!;
      const after = (1 - part) * data[b]! + part * data[b + 1]!;
      out[t * cols + bin] = (1 - timePart) * before + timePart * after + gain[bin]!;
    }
  }
  return { rows: frames, cols, data: out };
}

/** exp of a draw that is even between -spread and spread. */
export const factor = (random: Random, spread: number): number => Math.exp(random.uniform(-spread, spread));
