import { DecodeError } from './errors.js';

/** What all lattices share. */
export interface States {
  readonly start: number;
  readonly numStates: number;
  readonly firstArc: Int32Array;
  readonly nextState: Int32Array;
}

/**
 * The states that the start leads to, each before those it has arcs to; in the order of their numbers where that will
 * do, as Kaldi keeps it.
 *
 * @throws DecodeError for a lattice with a cycle
 */
export function latticeOrder({ start, numStates, firstArc, nextState }: States): Int32Array {
  const order = new Int32Array(numStates);
  let left = numStates;
  if (start < 0) return order.subarray(left);
  // Depth-first without recursion: 0 new, 1 on the path, 2 done; `at` the next arc of each state on the path.
  const seen = new Uint8Array(numStates);
  const at = firstArc.slice(0, numStates);
  const path = [start];
  seen[start] = 1;
  while (path.length > 0) {
    const s = path.at(-1)!;
    if (at[s] === firstArc[s + 1]) {
      seen[s] = 2;
      order[--left] = s;
      path.pop();
      continue;
    }
    const to = nextState[at[s]!++]!;
    if (seen[to] === 1) throw new DecodeError('ERR_DECODE_LATTICE', `lattice: state ${to} lies on a cycle`);
    if (seen[to] === 0) {
      seen[to] = 1;
      path.push(to);
    }
  }
  const found = order.subarray(left);
  const sorted = found.slice().sort();
  const inOrder = sorted.every((s) => {
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) if (nextState[a]! <= s) return false;
    return true;
  });
  return inOrder ? sorted : found;
}
