import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';

/** The acceptor of one string. */
export function linear(labels: ArrayLike<number>): Fst {
  const b = new FstBuilder({ arcs: labels.length + 1, states: labels.length + 1 });
  b.ensureStates(labels.length + 1);
  b.setStart(0);
  for (let i = 0; i < labels.length; i++) b.addArc(i, labels[i]!, labels[i]!, 0, i + 1);
  b.setFinal(labels.length);
  return b.build();
}
