import { type Fst, FstBuilder } from '@jebena/wfst';
import { breadthFirst } from './breadth-first.js';
import { ChainError } from './errors.js';
import type { Supervision } from './supervision.js';

/**
 * Cuts supervision of a whole utterance to chunks (SupervisionSplitter in chain/chain-supervision.cc). A chunk may
 * begin in any state of its first frame and end in any of its last, at no cost.
 */
export class SupervisionSplitter {
  private readonly fst: Fst;
  /** The frame of each state; states are in order of time. */
  private readonly frame: Int32Array;

  /** @throws ChainError `ERR_CHAIN_SUPERVISION` for end-to-end supervision, several sequences, or paths of other lengths */
  constructor(private readonly supervision: Supervision) {
    const { fst, numSequences } = supervision;
    if (!fst || numSequences !== 1)
      fail(`expected supervision of one sequence, not end to end, found ${numSequences}${fst ? '' : ', end to end'}`);
    this.fst = breadthFirst(fst!);
    this.frame = stateFrames(this.fst, supervision.framesPerSequence);
  }

  /**
   * The supervision of output frames `begin` to `begin + frames - 1`.
   *
   * @throws RangeError beyond the utterance
   */
  range(begin: number, frames: number): Supervision {
    const { fst, frame, supervision } = this;
    const end = begin + frames;
    if (!(begin >= 0 && frames > 0 && end <= supervision.framesPerSequence))
      throw new RangeError(
        `supervision of ${supervision.framesPerSequence} frames: found no frames ${begin} to ${end}`,
      );
    if (frames === supervision.framesPerSequence) return { ...supervision, fst };
    const first = firstAt(frame, begin);
    const inner = firstAt(frame, begin + 1);
    const after = firstAt(frame, end);
    const b = new FstBuilder({ states: after - inner + 2, arcs: fst.firstArc[after]! - fst.firstArc[first]! });
    // One start for all states at the first frame, one end for all behind the last.
    b.ensureStates(after - inner + 2);
    b.setStart(0);
    const final = after - inner + 1;
    b.setFinal(final);
    const place = (to: number): number => (to >= after ? final : to - inner + 1);
    const starts = new Map<string, { label: number; cost: number; to: number }>();
    for (let a = fst.firstArc[first]!; a < fst.firstArc[inner]!; a++) {
      const [label, cost, to] = [fst.ilabel[a]!, fst.weight[a]!, place(fst.nextState[a]!)];
      const known = starts.get(`${label} ${to}`);
      if (!known || cost < known.cost) starts.set(`${label} ${to}`, { label, cost, to });
    }
    for (const { label, cost, to } of starts.values()) b.addArc(0, label, label, cost, to);
    for (let s = inner; s < after; s++)
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
        b.addArc(s - inner + 1, fst.ilabel[a]!, fst.ilabel[a]!, fst.weight[a]!, place(fst.nextState[a]!));
    return { ...supervision, framesPerSequence: frames, fst: breadthFirst(b.build()) };
  }
}

/** The first state at a frame, or behind all states before it. */
function firstAt(frame: Int32Array, t: number): number {
  let [low, high] = [0, frame.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frame[middle]! < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

function stateFrames(fst: Fst, frames: number): Int32Array {
  const frame = new Int32Array(fst.numStates).fill(-1);
  if (fst.start >= 0) frame[fst.start] = 0;
  for (let s = 0; s < fst.numStates; s++) {
    if (fst.isFinal(s) && frame[s] !== frames) fail(`expected paths of ${frames} frames, found one of ${frame[s]}`);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const to = fst.nextState[a]!;
      if (fst.ilabel[a] === 0) fail('expected no epsilons, found one');
      if (frame[to] === -1) frame[to] = frame[s]! + 1;
      else if (frame[to] !== frame[s]! + 1) fail(`expected state ${to} at one frame, found it at several`);
    }
  }
  return frame;
}

function fail(message: string): never {
  throw new ChainError('ERR_CHAIN_SUPERVISION', `splitting supervision: ${message}`);
}
