import type { Fst } from '../fst.js';
import { appendStates, builderLike } from './union.js';

/** Any number of the machine's strings one after the other: none or more (`star`), or one or more (`plus`). */
export function closure(fst: Fst, type: 'star' | 'plus' = 'star'): Fst {
  const out = builderLike(fst);
  appendStates(out, fst, (s, w) => {
    out.setFinal(s, w);
    out.addArc(s, 0, 0, w, fst.start);
  });
  if (fst.start >= 0) out.setStart(fst.start);
  if (type === 'star') {
    const start = out.addState();
    out.setStart(start);
    out.setFinal(start);
    if (fst.start >= 0) out.addArc(start, 0, 0, 0, fst.start);
  }
  return out.build();
}
