import type { Fst } from '../fst.js';
import { appendStates, builderLike } from './union.js';

/** A string of the first machine followed by one of the next, and so on: epsilons join them. */
export function concat(first: Fst, ...rest: readonly Fst[]): Fst {
  const all = [first, ...rest];
  const out = builderLike(first, ...rest);
  let ends: [state: number, weight: number][] = [];
  for (const [i, fst] of all.entries()) {
    const joins = ends;
    ends = [];
    const base = appendStates(out, fst, (s, w) => ends.push([s, w]));
    if (i === 0 && fst.start >= 0) out.setStart(base + fst.start);
    if (fst.start >= 0) for (const [s, w] of joins) out.addArc(s, 0, 0, w, base + fst.start);
  }
  for (const [s, w] of ends) out.setFinal(s, w);
  return out.build();
}
