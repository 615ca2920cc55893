import type { CompactLattice } from '@jebena/wfst';

/**
 * Why two deterministic lattices are not the same up to the numbering of their states, or undefined when they are:
 * words, costs within `tolerance` and transition ids.
 */
export function latticeDifference(a: CompactLattice, b: CompactLattice, tolerance: number = 1e-3): string | undefined {
  if (a.numStates !== b.numStates || a.numArcs !== b.numArcs)
    return `${a.numStates} states, ${a.numArcs} arcs against ${b.numStates}, ${b.numArcs}`;
  if (a.start < 0 || b.start < 0) return a.start === b.start ? undefined : 'one is empty';
  const close = (x: number, y: number): boolean => x === y || Math.abs(x - y) <= tolerance;
  const partner = new Int32Array(a.numStates).fill(-1);
  partner[a.start] = b.start;
  const queue = [a.start];
  for (const s of queue) {
    const t = partner[s]!;
    if (a.isFinal(s) !== b.isFinal(t)) return `state ${s}: one is final`;
    if (a.isFinal(s)) {
      const same =
        close(a.finalGraphCost[s]!, b.finalGraphCost[t]!) &&
        close(a.finalAcousticCost[s]!, b.finalAcousticCost[t]!) &&
        a.finalString(s).join(' ') === b.finalString(t).join(' ');
      if (!same)
        return `state ${s}: final ${a.finalGraphCost[s]} ${a.finalAcousticCost[s]} ${a.finalString(s).join(' ')}`;
    }
    const arcs = new Map<number, number>();
    for (let y = b.firstArc[t]!; y < b.firstArc[t + 1]!; y++) arcs.set(b.label[y]!, y);
    for (let x = a.firstArc[s]!; x < a.firstArc[s + 1]!; x++) {
      const y = arcs.get(a.label[x]!);
      if (y === undefined) return `state ${s}: only one has word ${a.label[x]}`;
      arcs.delete(a.label[x]!);
      const said = `state ${s}, word ${a.label[x]}`;
      if (!close(a.graphCost[x]!, b.graphCost[y]!)) return `${said}: graph ${a.graphCost[x]} ${b.graphCost[y]}`;
      if (!close(a.acousticCost[x]!, b.acousticCost[y]!)) return `${said}: ${a.acousticCost[x]} ${b.acousticCost[y]}`;
      if (a.string(x).join(' ') !== b.string(y).join(' ')) return `${said}: other transition ids`;
      const to = a.nextState[x]!;
      if (partner[to] === -1) {
        partner[to] = b.nextState[y]!;
        queue.push(to);
      } else if (partner[to] !== b.nextState[y]) return `${said}: leads elsewhere`;
    }
    if (arcs.size > 0) return `state ${s}: only the other has word ${[...arcs.keys()][0]}`;
  }
  return undefined;
}
