import { Random } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import { digitWords } from '../strings.js';
import type { Take, Utterance } from '../utterance.js';
import type { Augmentation } from './augmentation.js';
import { changeTake, factor, type Voice } from './change-take.js';
import { MelAxis } from './mel-axis.js';
import { loudness, NoiseMaker, reverberate, smoothCurve } from './noise.js';

/** A string that was drawn for training. */
export interface DrawnString {
  readonly words: readonly string[];
  readonly feats: Matrix;
}

/** What strings are made of. */
export interface StringParts {
  readonly takes: readonly Take[];
  /** Features of quiet noise, for the gaps. */
  readonly noise: Matrix;
  readonly sampleRate: number;
}

/** Longest gap between digits that is drawn, in frames. */
const longestGap = 27;
/** Strings are made a multiple of this long (gaps grow to fit), so that many share a minibatch. */
const lengthStep = 15;

/**
 * Draws strings: the words of a training string, said with recordings that are drawn anew each time, and changed as
 * the augmentation says.
 */
export class StringDrawer {
  private readonly takes = new Map<string, Take[]>();
  private readonly speakers: readonly string[];
  private readonly axis: MelAxis;
  private readonly noises: NoiseMaker;

  constructor(
    { takes, noise, sampleRate }: StringParts,
    private readonly augmentation: Augmentation,
  ) {
    this.speakers = [...new Set(takes.map((t) => t.speaker))].sort();
    for (const take of takes) {
      const key = takeKey(take.speaker, take.digit);
      this.takes.set(key, [...(this.takes.get(key) ?? []), take]);
    }
    this.axis = new MelAxis(noise.cols, sampleRate);
    this.noises = new NoiseMaker(noise);
  }

  /** Frames x bins; undefined where the speaker has no recording of a word. */
  draw(random: Random, { speaker, words }: Pick<Utterance, 'speaker' | 'words'>): DrawnString | undefined {
    const mixed = random.uniform() < this.augmentation.mixedSpeakers;
    const chosen = words.map((word) => {
      const who = mixed ? random.pick(this.speakers) : speaker;
      const takes = this.takes.get(takeKey(who, digitWords.indexOf(word)));
      return takes && random.pick(takes);
    });
    if (!chosen.every((take) => take !== undefined)) return undefined;
    const feats = this.join(random, this.change(random, chosen));
    this.addSounds(random, feats);
    return { words, feats };
  }

  private change(random: Random, takes: readonly Take[]): Matrix[] {
    const { warp, bend, tempo, volume, tilt, recordingNoise, below } = this.augmentation;
    const { cols } = this.noises.white;
    const level = random.uniform(...volume);
    const voice: Voice = {
      warp: factor(random, warp),
      bend: random.uniform(-bend, bend),
      tempo: factor(random, tempo),
      gain: smoothCurve(random, cols, tilt, 6).map((v) => v + level),
    };
    const changed = takes.map((take) => changeTake(random, take, this.axis, voice, this.augmentation));
    if (random.uniform() < recordingNoise) {
      const loud = loudness(changed);
      const colour = this.noises.colour(random, 1);
      const noise = loud - random.uniform(...below);
      changed.forEach((m, i) => {
        const { edge } = takes[i]!;
        this.noises.add(random, m.data as Float32Array, edge, m.rows - edge, noise, colour);
      });
    }
    return changed;
  }

  /** Recordings one after the other in quiet noise. */
  private join(random: Random, parts: readonly Matrix[]): Matrix {
    const { cols } = this.noises.white;
    const gaps = Array.from({ length: parts.length + 1 }, () => random.integer(1, longestGap));
    const sum = parts.reduce((n, p) => n + p.rows, 0) + gaps.reduce((a, b) => a + b, 0);
    const rows = Math.ceil(sum / lengthStep) * lengthStep;
    for (let left = rows - sum; left > 0; left--) gaps[random.integer(0, gaps.length - 1)]!++;
    const data = this.noises.quiet(random, rows);
    let at = 0;
    parts.forEach((part, i) => {
      at += gaps[i]! * cols;
      for (let k = 0; k < part.data.length; k++) data[at + k] = Math.max(data[at + k]!, part.data[k]!);
      at += part.data.length;
    });
    return { rows, cols, data };
  }

  private addSounds(random: Random, string: Matrix): void {
    const { rows, cols } = string;
    const { reverberation, bursts, noise, below } = this.augmentation;
    const feats = string.data as Float32Array;
    const loud = loudness([string]);
    if (random.uniform() < reverberation) reverberate(random, feats, cols);
    if (random.uniform() < bursts)
      for (let left = random.integer(1, 4); left > 0; left--) {
        const frames = random.integer(1, 15);
        const from = random.integer(0, rows - frames);
        const colour = this.noises.colour(random, 1.5);
        this.noises.add(random, feats, from, from + frames, loud - random.uniform(...below), colour);
      }
    if (random.uniform() < noise) {
      const colour = this.noises.colour(random, 1);
      this.noises.add(random, feats, 0, rows, loud - random.uniform(...below), colour);
    }
  }
}

const takeKey = (speaker: string, digit: number): string => `${speaker} ${digit}`;
