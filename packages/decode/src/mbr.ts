import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { exactExp } from './exact-exp.js';
import { latticeBestPath } from './lattice-paths.js';
import { stateTimes } from './lattice-times.js';

export interface MbrOptions {
  /** Whether to look for the words of least expected error; else the best path's words get their confidences. */
  readonly decode?: boolean | undefined;
  /** The words to start from (and to keep, without `decode`); the best path's unless given. */
  readonly words?: ArrayLike<number> | undefined;
}

/** A word of the result. */
export interface MbrWord {
  readonly word: number;
  /** Probability that it is right. */
  readonly confidence: number;
  /** First frame and one past the last, averaged over the lattice: fractions. */
  readonly start: number;
  readonly end: number;
}

export interface MbrResult {
  readonly words: readonly MbrWord[];
  /** Expected number of word errors. */
  readonly risk: number;
  /** The confusion network: words (0 for none) with their probabilities, likeliest first, by position. */
  readonly sausage: readonly (readonly (readonly [word: number, probability: number])[])[];
  /** First frame and one past the last of each position. */
  readonly sausageTimes: readonly (readonly [start: number, end: number])[];
}

/** A little dearer, so that ties go to alignments without insertions. */
const penalty = 1 + 1e-5;

/**
 * Minimum Bayes risk decoding: the words with the fewest expected errors, their confidences and the confusion network
 * (lat/sausages.cc; H. Xu, D. Povey, L. Mangu, J. Zhu, "Minimum Bayes risk decoding and system combination based on a
 * recursion for edit distance", 2011; line numbers there).
 *
 * @param lattice costs scaled as they are to count
 * @throws DecodeError for a torn lattice
 */
export function minimumBayesRisk(lattice: CompactLattice, { decode = true, words }: MbrOptions = {}): MbrResult {
  const first = words ?? latticeBestPath(lattice)?.words;
  if (!first) return { words: [], risk: 0, sausage: [], sausageTimes: [] };
  const network = new Network(lattice);
  let reference = withGaps(Array.from(first));
  for (let round = 0; ; round++) {
    const stats = network.accumulate(reference);
    let change = 0;
    if (decode)
      reference = reference.map((word, q) => {
        const [[best, probability]] = stats.sausage[q] as [[number, number]];
        change += (stats.sausage[q]!.find(([w]) => w === word)?.[1] ?? 0) - probability;
        return best;
      });
    // Each round lowers the risk or ends; the bound is Kaldi's.
    if (change === 0 || round > 100) return { ...stats, words: oneBest(reference, stats) };
    reference = withGaps(reference);
  }
}

type Stats = Pick<MbrResult, 'risk' | 'sausage' | 'sausageTimes'> & {
  readonly times: readonly (readonly (readonly [number, number])[])[];
};

/** Words with a place for insertions before, between and behind them. */
const withGaps = (words: readonly number[]): number[] => [0, ...words.filter((w) => w !== 0).flatMap((w) => [w, 0])];

function oneBest(reference: readonly number[], { sausage, times }: Stats): MbrWord[] {
  const words: { word: number; confidence: number; start: number; end: number }[] = [];
  reference.forEach((word, q) => {
    if (word === 0) return;
    const at = sausage[q]!.findIndex(([w]) => w === word);
    const [start, end] = times[q]![Math.max(at, 0)] ?? [0, 0];
    words.push({ word, confidence: sausage[q]![at]?.[1] ?? 0, start, end });
    const last = words.at(-1)!;
    const previous = words.at(-2);
    if (!previous || previous.end <= last.start) return;
    // Overlaps are split in proportion to the words' lengths.
    const before = words.at(-3)?.end ?? 0;
    const left = Math.max(before, Math.min(previous.start, last.start));
    const right = Math.max(previous.end, last.end);
    const [a, b] = [previous.end - previous.start, last.end - last.start];
    const middle = a > 0 ? left + ((right - left) * a) / (a + b) : left;
    previous.start = left;
    previous.end = last.start = middle;
    last.end = right;
  });
  return words;
}

/** The lattice with one final state, by arcs that enter each state, and the paper's recursions over it. */
class Network {
  private readonly entering: number[][] = [];
  private readonly word: number[] = [];
  private readonly from: number[] = [];
  private readonly cost: number[] = [];
  /** Frame of each node; nodes are in topological order, the first the start, the last the end. */
  private readonly time: number[] = [];
  /** Probability of each arc given the node it enters. */
  private readonly share: Float64Array;

  constructor(lattice: CompactLattice) {
    const single = withOneFinal(lattice);
    const { times, order } = stateTimes(single);
    const place = new Map(Array.from(order, (s, n) => [s, n]));
    order.forEach((s, n) => {
      this.entering[n] ??= [];
      this.time.push(times[s]!);
      for (let a = single.firstArc[s]!; a < single.firstArc[s + 1]!; a++) {
        const to = place.get(single.nextState[a]!)!;
        (this.entering[to] ??= []).push(this.word.length);
        this.word.push(single.label[a]!);
        this.from.push(n);
        this.cost.push(Math.fround(single.graphCost[a]! + single.acousticCost[a]!));
      }
    });
    const alpha = new Float64Array(order.length).fill(Infinity);
    alpha[0] = 0;
    this.share = new Float64Array(this.word.length);
    for (let n = 1; n < order.length; n++) {
      for (const a of this.entering[n]!) alpha[n] = exactLogAdd(alpha[n]!, alpha[this.from[a]!]! + this.cost[a]!);
      for (const a of this.entering[n]!) this.share[a] = exactExp(alpha[n]! - (alpha[this.from[a]!]! + this.cost[a]!));
    }
  }

  accumulate(reference: readonly number[]): Stats {
    const Q = reference.length;
    const N = this.entering.length;
    const width = Q + 1;
    const edit = this.editDistances(reference);
    const beta = new Float64Array(N * width);
    beta[N * width - 1] = 1; // line 11
    const gamma = Array.from({ length: Q }, () => new Map<number, { p: number; b: number; e: number }>());
    const add = (q: number, word: number, p: number, begin: number, end: number): void => {
      if (p === 0) return;
      const known = gamma[q - 1]!.get(word);
      if (!known) gamma[q - 1]!.set(word, { p, b: begin * p, e: end * p });
      else {
        known.p += p;
        known.b += begin * p;
        known.e += end * p;
      }
    };
    const arcEdit = new Float64Array(width);
    const choice = new Uint8Array(width);
    const arcBeta = new Float64Array(width);
    for (let n = N - 1; n >= 1; n--)
      for (const a of this.entering[n]!) {
        const s = this.from[a]! * width;
        const word = this.word[a]!;
        this.arcDistances(word, edit, s, reference, arcEdit, choice);
        arcBeta.fill(0);
        for (let q = Q; q >= 1; q--) {
          arcBeta[q]! += this.share[a]! * beta[n * width + q]!;
          const p = arcBeta[q]!;
          if (choice[q] === 1) {
            beta[s + q - 1]! += p;
            add(q, word, p, this.time[this.from[a]!]!, this.time[n]!);
          } else if (choice[q] === 2) beta[s + q]! += p;
          else {
            arcBeta[q - 1]! += p;
            add(q, 0, p, this.time[n]!, this.time[n]!);
          }
        }
        arcBeta[0]! += this.share[a]! * beta[n * width]!;
        beta[s]! += arcBeta[0]!;
      }
    arcBeta.fill(0);
    for (let q = Q; q >= 1; q--) {
      arcBeta[q]! += beta[q]!;
      arcBeta[q - 1]! += arcBeta[q]!;
      add(q, 0, arcBeta[q]!, this.time[0]!, this.time[0]!);
    }
    return { risk: edit[N * width - 1]!, ...sausageOf(gamma) };
  }

  /** Expected edit distance between the paths to each node and the reference's first q words: lines 5 to 22. */
  private editDistances(reference: readonly number[]): Float64Array {
    const width = reference.length + 1;
    const edit = new Float64Array(this.entering.length * width);
    for (let q = 1; q < width; q++) edit[q] = edit[q - 1]! + (reference[q - 1] === 0 ? 0 : 1);
    const arcEdit = new Float64Array(width);
    const choice = new Uint8Array(width);
    for (let n = 1; n < this.entering.length; n++)
      for (const a of this.entering[n]!) {
        this.arcDistances(this.word[a]!, edit, this.from[a]! * width, reference, arcEdit, choice);
        for (let q = 0; q < width; q++) edit[n * width + q]! += this.share[a]! * arcEdit[q]!;
      }
    return edit;
  }

  /** Lines 14 to 18: distances behind an arc, and which of the three ways each took. */
  private arcDistances(
    word: number,
    edit: Float64Array,
    from: number,
    reference: readonly number[],
    arcEdit: Float64Array,
    choice: Uint8Array,
  ): void {
    const insertion = word === 0 ? 0 : penalty;
    arcEdit[0] = edit[from]! + insertion;
    for (let q = 1; q < arcEdit.length; q++) {
      const ref = reference[q - 1]!;
      const match = edit[from + q - 1]! + (word === ref ? 0 : 1);
      const extra = edit[from + q]! + insertion;
      const missing = arcEdit[q - 1]! + (ref === 0 ? 0 : 1);
      const best = Math.min(match, extra, missing);
      arcEdit[q] = best;
      choice[q] = best === match ? 1 : best === extra ? 2 : 3;
    }
  }
}

function sausageOf(gamma: readonly Map<number, { p: number; b: number; e: number }>[]): Omit<Stats, 'risk'> {
  const bins = gamma.map((bin) =>
    // Tiny leftovers of words that no path really puts here are kept, as Kaldi does.
    [...bin].sort(([wordA, a], [wordB, b]) => b.p - a.p || wordB - wordA),
  );
  const sausageTimes = bins.map((bin): [number, number] => [
    bin.reduce((sum, [, { b }]) => sum + b, 0),
    bin.reduce((sum, [, { e }]) => sum + e, 0),
  ]);
  for (let q = 1; q < sausageTimes.length; q++) {
    const [left, right] = [sausageTimes[q - 1]!, sausageTimes[q]!];
    if (left[1] > right[0]) left[1] = right[0] = (left[1] + right[0]) / 2;
  }
  return {
    sausage: bins.map((bin) => bin.map(([word, { p }]) => [word, p] as const)),
    times: bins.map((bin) => bin.map(([, { p, b, e }]): [number, number] => [b / p, e / p])),
    sausageTimes,
  };
}

/** The lattice with all its ends led into one more state. */
function withOneFinal(lattice: CompactLattice): CompactLattice {
  const b = new CompactLatticeBuilder();
  b.ensureStates(lattice.numStates + 1);
  b.setStart(lattice.start);
  b.setFinal(lattice.numStates);
  for (let s = 0; s < lattice.numStates; s++) {
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++)
      b.addArc(s, {
        label: lattice.label[a]!,
        graphCost: lattice.graphCost[a]!,
        acousticCost: lattice.acousticCost[a]!,
        transitionIds: lattice.string(a),
        nextState: lattice.nextState[a]!,
      });
    if (lattice.isFinal(s))
      b.addArc(s, {
        label: 0,
        graphCost: lattice.finalGraphCost[s]!,
        acousticCost: lattice.finalAcousticCost[s]!,
        transitionIds: lattice.finalString(s),
        nextState: lattice.numStates,
      });
  }
  return b.build();
}

/** -log(exp(-a) + exp(-b)), to the last bit as Kaldi's LogAdd gives it. */
function exactLogAdd(a: number, b: number): number {
  if (a === Infinity) return b;
  return a < b ? a - Math.log1p(exactExp(a - b)) : b - Math.log1p(exactExp(b - a));
}
