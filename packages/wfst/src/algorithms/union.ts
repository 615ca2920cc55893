import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';

/** Copies a machine's states and arcs behind those that a builder has; returns where its state 0 came to be. */
export function appendStates(out: FstBuilder, fst: Fst, final: (state: number, weight: number) => void): number {
  const base = out.numStates;
  out.ensureStates(base + fst.numStates);
  for (let s = 0; s < fst.numStates; s++) {
    if (fst.isFinal(s)) final(base + s, fst.final[s]!);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      out.addArc(base + s, fst.ilabel[a]!, fst.olabel[a]!, fst.weight[a]!, base + fst.nextState[a]!);
  }
  return base;
}

/** A builder with one machine's semiring and symbols, and room for all. */
export const builderLike = (first: Fst, ...rest: readonly Fst[]): FstBuilder =>
  new FstBuilder({
    semiring: first.semiring,
    inputSymbols: first.inputSymbols,
    outputSymbols: first.outputSymbols,
    arcs: rest.reduce((sum, fst) => sum + fst.numArcs, first.numArcs + 2),
    states: rest.reduce((sum, fst) => sum + fst.numStates, first.numStates + 1),
  });

/** What any of the machines takes; a new start state has an epsilon to each of theirs. */
export function union(first: Fst, ...rest: readonly Fst[]): Fst {
  const out = builderLike(first, ...rest);
  const start = out.addState();
  out.setStart(start);
  for (const fst of [first, ...rest]) {
    const base = appendStates(out, fst, (s, w) => out.setFinal(s, w));
    if (fst.start >= 0) out.addArc(start, 0, 0, 0, base + fst.start);
  }
  return out.build();
}
