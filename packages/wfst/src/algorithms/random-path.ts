import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { arcSort } from './arc-sort.js';
import { compose } from './compose.js';
import { connect } from './connect.js';
import { linear } from './linear.js';
import { shortestDistance } from './shortest-distance.js';

export interface RandomPathOptions {
  readonly seed?: number | undefined;
  /** Draw each arc alike (`uniform`, unless given) or in proportion to its probability exp(-cost). */
  readonly select?: 'uniform' | 'probability' | undefined;
  /** Arcs at most: longer paths are given up and drawn again. */
  readonly maxLength?: number | undefined;
}

/** A path drawn by chance: labels without epsilons, and its cost. */
export interface RandomPath {
  readonly ilabels: Int32Array;
  readonly olabels: Int32Array;
  readonly weight: number;
}

/**
 * Draws paths from the start to a final state, without end; the same seed gives the same ones.
 *
 * @throws FstError `ERR_FST_INVALID` where there is no path, or none short enough in a thousand tries
 */
export function* randomPaths(fst: Fst, options: RandomPathOptions = {}): Generator<RandomPath, never> {
  const { seed = 0, select = 'uniform', maxLength = 10_000 } = options;
  const useful = connect(fst);
  if (useful.start < 0) throw new FstError('ERR_FST_INVALID', 'randomPaths: there is no path to a final state');
  const random = xoroshiro128plus(seed);
  for (let tries = 0; ; tries++) {
    const path = draw(useful, random, select, maxLength);
    if (path) {
      tries = -1;
      yield path;
    } else if (tries >= 1000)
      throw new FstError('ERR_FST_INVALID', `randomPaths: no path of at most ${maxLength} arcs in 1000 tries`);
  }
}

/** One path drawn by chance; see {@link randomPaths}. */
export const randomPath = (fst: Fst, options: RandomPathOptions = {}): RandomPath =>
  randomPaths(fst, options).next().value;

/** A number from 0 up to, not including, 1. */
const fraction = (random: RandomGenerator): number => (random.next() >>> 0) / 2 ** 32;

function draw(fst: Fst, random: RandomGenerator, select: string, maxLength: number): RandomPath | undefined {
  const share = (cost: number): number => (cost === Infinity ? 0 : select === 'uniform' ? 1 : Math.exp(-cost));
  const arcs: number[] = [];
  let weight = 0;
  let s = fst.start;
  for (;;) {
    const [from, to] = [fst.firstArc[s]!, fst.firstArc[s + 1]!];
    let total = share(fst.final[s]!);
    for (let a = from; a < to; a++) total += share(fst.weight[a]!);
    let left = fraction(random) * total - share(fst.final[s]!);
    if ((left < 0 && fst.isFinal(s)) || from === to) break;
    if (arcs.length === maxLength) return undefined;
    let a = from;
    while (a + 1 < to && (left -= share(fst.weight[a]!)) >= 0) a++;
    arcs.push(a);
    weight += fst.weight[a]!;
    s = fst.nextState[a]!;
  }
  const labels = (of: Int32Array): Int32Array => Int32Array.from(arcs, (a) => of[a]!).filter((label) => label !== 0);
  return { ilabels: labels(fst.ilabel), olabels: labels(fst.olabel), weight: weight + fst.final[s]! };
}

export interface RandomlyEquivalentOptions extends RandomPathOptions {
  /** How many paths of each machine to try; 20 unless given. */
  readonly paths?: number | undefined;
  readonly delta?: number | undefined;
}

/**
 * Whether two transducers give the same cost to pairs of strings drawn by chance from either: a test of the relation
 * that finds differences but proves nothing. Costs are summed over paths in the machines' semiring.
 */
export function randomlyEquivalent(a: Fst, b: Fst, options: RandomlyEquivalentOptions = {}): boolean {
  const { paths = 20, delta = 1 / 128, seed = 0 } = options;
  const [x, y] = [connect(a), connect(b)];
  if (x.start < 0 || y.start < 0) return x.start === y.start;
  const [sx, sy] = [arcSort(x, { by: 'ilabel' }), arcSort(y, { by: 'ilabel' })];
  for (const [i, from] of [x, y].entries()) {
    const source = randomPaths(from, { ...options, seed: seed + i });
    for (let n = 0; n < paths; n++) {
      const { ilabels, olabels } = source.next().value;
      const [v, w] = [pairCost(sx, ilabels, olabels), pairCost(sy, ilabels, olabels)];
      if (v !== w && !(Math.abs(v - w) <= delta)) return false;
    }
  }
  return true;
}

/** What a transducer, sorted by input, asks for one pair of strings; Infinity where it does not relate them. */
export function pairCost(fst: Fst, ilabels: ArrayLike<number>, olabels: ArrayLike<number>): number {
  const { semiring } = fst;
  const pair = compose(compose(linear(ilabels).with({ semiring }), fst), linear(olabels));
  return pair.start < 0 ? Infinity : shortestDistance(pair, { reverse: true })[pair.start]!;
}
