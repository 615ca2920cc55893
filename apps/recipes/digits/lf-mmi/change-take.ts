import type { Random } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import type { Take } from '../utterance.js';
import type { Augmentation } from './augmentation.js';
import type { MelAxis } from './mel-axis.js';
import { smoothCurve } from './noise.js';

/** What all digits of a string share. */
export interface Voice {
  readonly warp: number;
  readonly bend: number;
  /** Above 1: faster. */
  readonly tempo: number;
  /** Added to log powers, by bin. */
  readonly gain: Float32Array;
}

/** Fewest frames that a digit may shrink to: the chain topology needs three for each phone. */
const fewest = 15;
/** What bends within a digit is drawn at so many places of it, evenly spread, and goes straight between them. */
const places = 4;

/** exp of a draw that is even between -spread and spread. */
export const factor = (random: Random, spread: number): number => Math.exp(random.uniform(-spread, spread));

/** Values between those at `places` even places, for each of `count` frames: which two, and how far between. */
const between = (frame: number, count: number): [left: number, part: number] => {
  const at = (frame / Math.max(1, count - 1)) * (places - 1);
  const left = Math.min(places - 2, Math.floor(at));
  return [left, at - left];
};

const draws = (make: () => number): Float32Array => Float32Array.from({ length: places }, make);

/** A recording as another voice might say it, by linear interpolation over time and frequency. */
export function changeTake(random: Random, take: Take, axis: MelAxis, voice: Voice, by: Augmentation): Matrix {
  const { rows, cols, data } = trimmed(random, take, by);
  const tempo = voice.tempo * factor(random, 0.4 * by.tempo);
  const warped = axis.warped(voice.warp * factor(random, 0.15 * by.warp), voice.bend);
  const loud = by.digitVolume * random.gaussian();
  const drift = draws(() => by.warpDrift * random.gaussian());
  const colours = Array.from({ length: places }, () => smoothCurve(random, cols, by.colourDrift, 4));
  const sway = random.uniform(-by.sway, by.sway) / (2 * Math.PI);
  const frames = Math.max(Math.min(rows, fewest), Math.round((rows - 1) / tempo) + 1);
  const out = new Float32Array(frames * cols);
  for (let t = 0; t < frames; t++) {
    const even = frames > 1 ? t / (frames - 1) : 0;
    const from = Math.min(1, Math.max(0, even + sway * Math.sin(2 * Math.PI * even))) * (rows - 1);
    const early = Math.floor(from);
    const late = Math.min(rows - 1, early + 1);
    const timePart = from - early;
    const [left, part] = between(t, frames);
    const shift = (1 - part) * drift[left]! + part * drift[left + 1]!;
    const [before, after] = [colours[left]!, colours[left + 1]!];
    for (let bin = 0; bin < cols; bin++) {
      const place = Math.min(cols - 1, Math.max(0, warped[bin]! + shift * axis.slopes[bin]!));
      const low = Math.min(cols - 2, Math.floor(place));
      const high = place - low;
      const [a, b] = [early * cols + low, late * cols + low];
      const first = (1 - high) * data[a]! + high * data[a + 1]!;
      const second = (1 - high) * data[b]! + high * data[b + 1]!;
      out[t * cols + bin] =
        (1 - timePart) * first +
        timePart * second +
        (1 - part) * before[bin]! +
        part * after[bin]! +
        voice.gain[bin]! +
        loud;
    }
  }
  return { rows: frames, cols, data: out };
}

/** Sometimes a little is lost at the ends, as end pointers do. The edges stay. */
function trimmed(random: Random, { feats, edge }: Take, { trim }: Augmentation): Matrix {
  const { rows, cols, data } = feats;
  if (!(random.uniform() < trim.chance)) return feats;
  const most = Math.floor(trim.most * rows);
  const [head, tail] = [random.integer(0, most), random.integer(0, most)];
  const kept = data.slice((head + edge) * cols, (rows - tail - edge) * cols);
  const out = new Float32Array(kept.length + 2 * edge * cols);
  out.set(data.subarray(0, edge * cols));
  out.set(kept, edge * cols);
  out.set(data.subarray((rows - edge) * cols), edge * cols + kept.length);
  return { rows: out.length / cols, cols, data: out };
}
