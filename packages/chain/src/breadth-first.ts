import { connect, type Fst, renumberStates } from '@jebena/wfst';

/**
 * States breadth first from the start, as Kaldi numbers those of supervision: where all paths are equally long, this is
 * the order of time.
 */
export function breadthFirst(fst: Fst): Fst {
  if (fst.start < 0) return fst;
  const order = [fst.start];
  const met = new Uint8Array(fst.numStates);
  met[fst.start] = 1;
  for (const s of order)
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const to = fst.nextState[a]!;
      if (met[to]) continue;
      met[to] = 1;
      order.push(to);
    }
  if (order.length < fst.numStates) return breadthFirst(connect(fst));
  return renumberStates(fst, Int32Array.from(order));
}
