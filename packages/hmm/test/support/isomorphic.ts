import type { Fst } from '@jebena/wfst';

/**
 * Why two transducers are not the same up to the numbering of states and the order of arcs, or undefined when they
 * are: walks both at once, arcs matched by labels and cost. Stricter than equivalence.
 */
export function difference(a: Fst, b: Fst, tolerance: number = 1e-3): string | undefined {
  if (a.numStates !== b.numStates || a.numArcs !== b.numArcs)
    return `${a.numStates} states, ${a.numArcs} arcs against ${b.numStates}, ${b.numArcs}`;
  const partner = new Int32Array(a.numStates).fill(-1);
  partner[a.start] = b.start;
  const queue = [a.start];
  for (const s of queue) {
    const t = partner[s]!;
    const [finalA, finalB] = [a.final[s]!, b.final[t]!];
    if (!(finalA === finalB || Math.abs(finalA - finalB) < tolerance)) return `final ${finalA} against ${finalB}`;
    const [arcsA, arcsB] = [sorted(a, s), sorted(b, t)];
    if (arcsA.length !== arcsB.length) return `state ${s}: ${arcsA.length} arcs against ${arcsB.length}`;
    // Self-loops lead nowhere new, so arcs with the same labels are told apart by that first, then by cost.
    for (let i = 0; i < arcsA.length; i++) {
      const [x, y] = [arcsA[i]!, arcsB[i]!];
      const [costX, costY] = [a.weight[x]!, b.weight[y]!];
      const same = a.ilabel[x] === b.ilabel[y] && a.olabel[x] === b.olabel[y] && Math.abs(costX - costY) < tolerance;
      if (!same)
        return `state ${s}: arc ${a.ilabel[x]}:${a.olabel[x]}/${costX} against ${b.ilabel[y]}:${b.olabel[y]}/${costY}`;
      const to = a.nextState[x]!;
      if (partner[to] === -1) {
        partner[to] = b.nextState[y]!;
        queue.push(to);
      } else if (partner[to] !== b.nextState[y]) return `state ${s}: an arc leads elsewhere`;
    }
  }
  return undefined;
}

function sorted(fst: Fst, state: number): number[] {
  const arcs = Array.from(
    { length: fst.firstArc[state + 1]! - fst.firstArc[state]! },
    (_, i) => fst.firstArc[state]! + i,
  );
  const loop = (a: number): number => (fst.nextState[a] === state ? 0 : 1);
  return arcs.sort(
    (a, b) =>
      fst.ilabel[a]! - fst.ilabel[b]! ||
      fst.olabel[a]! - fst.olabel[b]! ||
      loop(a) - loop(b) ||
      Math.round(100 * (fst.weight[a]! - fst.weight[b]!)) ||
      fst.firstArc[fst.nextState[a]! + 1]! -
        fst.firstArc[fst.nextState[a]!]! -
        (fst.firstArc[fst.nextState[b]! + 1]! - fst.firstArc[fst.nextState[b]!]!),
  );
}
