import type { Fst } from '@jebena/wfst';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { HmmError } from './errors.js';

export interface EqualAlignOptions {
  /** Same seed, same path. */
  readonly seed?: number | undefined;
  /** Random paths to try before the shortest one is taken. */
  readonly retries?: number | undefined;
}

/**
 * An alignment for the first round of training, before there is a model: a random path through a training graph, its
 * self-loops taken so that all states last equally long (EqualAlign in fstext/fstext-utils-inl.h). Where random paths
 * are too long for the utterance, the shortest one is taken.
 *
 * @param graph a training graph with its self-loops, transition ids as input labels
 * @param numFrames how many frames to fill
 * @returns transition ids, one a frame; undefined when even the shortest path is longer than that, or has no
 *   self-loop to fill the rest
 * @throws HmmError for an empty graph
 */
export function equalAlign(
  graph: Fst,
  numFrames: number,
  { seed = 0, retries = 10 }: EqualAlignOptions = {},
): Int32Array | undefined {
  if (graph.start < 0) throw new HmmError('ERR_HMM_GRAPH', 'equal alignment: the graph is empty');
  const random = xoroshiro128plus(seed);
  for (let i = 0; i < retries; i++) {
    const path = randomPath(graph, numFrames, random);
    const alignment = path && fill(graph, path, numFrames);
    if (alignment) return alignment;
  }
  const path = shortestInFrames(graph);
  return path && fill(graph, path, numFrames);
}

/** Arcs of a random path to a final state, undefined when it takes more frames than there are; no self-loops. */
function randomPath(graph: Fst, numFrames: number, random: RandomGenerator): number[] | undefined {
  const path: number[] = [];
  let frames = 0;
  for (let state = graph.start; ;) {
    const choices: number[] = [];
    if (graph.final[state]! < Infinity) choices.push(-1);
    for (let a = graph.firstArc[state]!; a < graph.firstArc[state + 1]!; a++)
      if (graph.nextState[a] !== state) choices.push(a);
    if (choices.length === 0) return undefined;
    const arc = choices[uniformInt(random, 0, choices.length - 1)]!;
    if (arc === -1) return path;
    path.push(arc);
    if (graph.ilabel[arc] !== 0) frames++;
    // Epsilons alone may go round too.
    if (frames > numFrames || path.length > 100 * (numFrames + 10)) return undefined;
    state = graph.nextState[arc]!;
  }
}

function fill(graph: Fst, path: readonly number[], numFrames: number): Int32Array | undefined {
  // The loop at the state that each arc of the path leads to (or starts from), once a visit.
  const loops = [loopLabel(graph, graph.start), ...path.map((a) => loopLabel(graph, graph.nextState[a]!))];
  const emitting = path.reduce((n, a) => n + (graph.ilabel[a] !== 0 ? 1 : 0), 0);
  const places = loops.reduce((n, label) => n + (label !== 0 ? 1 : 0), 0);
  const spare = numFrames - emitting;
  if (spare < 0 || (spare > 0 && places === 0)) return undefined;
  const alignment = new Int32Array(numFrames);
  let frame = 0;
  let place = 0;
  loops.forEach((label, i) => {
    const arc = i === 0 ? 0 : graph.ilabel[path[i - 1]!]!;
    if (arc !== 0) alignment[frame++] = arc;
    if (label === 0) return;
    // Bresenham's way of sharing: the counts differ by one at most, and add up.
    const count = Math.floor(((place + 1) * spare) / places) - Math.floor((place * spare) / places);
    place++;
    alignment.fill(label, frame, frame + count);
    frame += count;
  });
  return alignment;
}

function loopLabel(graph: Fst, state: number): number {
  for (let a = graph.firstArc[state]!; a < graph.firstArc[state + 1]!; a++)
    if (graph.nextState[a] === state && graph.ilabel[a] !== 0) return graph.ilabel[a]!;
  return 0;
}

/** Arcs of a path of fewest frames to a final state, of lowest cost among those; self-loops are never on it. */
function shortestInFrames(graph: Fst): number[] | undefined {
  const { numStates, firstArc, nextState, ilabel, weight, final, start } = graph;
  const frames = new Float64Array(numStates).fill(Infinity);
  const cost = new Float64Array(numStates).fill(Infinity);
  const via = new Int32Array(numStates).fill(-1);
  const from = new Int32Array(numStates).fill(-1);
  frames[start] = 0;
  cost[start] = 0;
  // Bellman and Ford over the states whose distance changed; frames never fall below zero along a cycle.
  const queue = [start];
  const queued = new Uint8Array(numStates);
  for (let i = 0; i < queue.length; i++) {
    const s = queue[i]!;
    queued[s] = 0;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = nextState[a]!;
      if (to === s) continue;
      const length = frames[s]! + (ilabel[a] === 0 ? 0 : 1);
      const sum = cost[s]! + weight[a]!;
      const better = length < frames[to]! || (length === frames[to]! && sum < cost[to]! - 1e-6);
      if (!better) continue;
      frames[to] = length;
      cost[to] = sum;
      via[to] = a;
      from[to] = s;
      if (!queued[to]) {
        queued[to] = 1;
        queue.push(to);
      }
    }
  }
  let best = -1;
  for (let s = 0; s < numStates; s++) {
    if (final[s] === Infinity || frames[s] === Infinity) continue;
    const nearer = best < 0 || frames[s]! < frames[best]!;
    if (nearer || (frames[s] === frames[best] && cost[s]! + final[s]! < cost[best]! + final[best]!)) best = s;
  }
  if (best < 0) return undefined;
  const path: number[] = [];
  for (let s = best; via[s] !== -1 && s !== start; s = from[s]!) path.push(via[s]!);
  return path.reverse();
}
