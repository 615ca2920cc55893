import type { Fst } from '../fst.js';

/** Which states can be reached from the start: 1 or 0 each. */
export function accessible(fst: Fst): Uint8Array {
  const seen = new Uint8Array(fst.numStates);
  const queue = new Int32Array(fst.numStates);
  let length = 0;
  const visit = (s: number): void => {
    if (seen[s]) return;
    seen[s] = 1;
    queue[length++] = s;
  };
  if (fst.start >= 0) visit(fst.start);
  for (let i = 0; i < length; i++) {
    const s = queue[i]!;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) visit(fst.nextState[a]!);
  }
  return seen;
}

/** Which states reach a final state: 1 or 0 each. */
export function coaccessible(fst: Fst): Uint8Array {
  const { numStates, numArcs, firstArc, nextState } = fst;
  const seen = new Uint8Array(numStates);
  const queue = new Int32Array(numStates);
  const firstInto = new Int32Array(numStates + 1);
  for (let a = 0; a < numArcs; a++) firstInto[nextState[a]! + 1]!++;
  for (let s = 0; s < numStates; s++) firstInto[s + 1]! += firstInto[s]!;
  const place = firstInto.slice();
  const from = new Int32Array(numArcs);
  for (let s = 0; s < numStates; s++)
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) from[place[nextState[a]!]!++] = s;
  let length = 0;
  const visit = (s: number): void => {
    if (seen[s]) return;
    seen[s] = 1;
    queue[length++] = s;
  };
  for (let s = 0; s < numStates; s++) if (fst.isFinal(s)) visit(s);
  for (let i = 0; i < length; i++) {
    const s = queue[i]!;
    for (let a = firstInto[s]!; a < firstInto[s + 1]!; a++) visit(from[a]!);
  }
  return seen;
}
