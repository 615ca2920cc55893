import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';
import { connect } from './connect.js';
import { type StateClasses, stateClasses } from './state-classes.js';

export interface MinimizeOptions {
  /** Costs are equal where they round to the same multiple of this; 1/1024 unless given. */
  readonly delta?: number | undefined;
}

/**
 * Merges states that go on alike, taking both labels and the cost of an arc as one symbol: Kaldi's MinimizeEncoded
 * (fstext/fstext-utils-inl.h). Neither labels nor costs are pushed, so a stochastic transducer stays one.
 */
export function minimizeEncoded(fst: Fst, { delta = 1 / 1024 }: MinimizeOptions = {}): Fst {
  const connected = connect(fst);
  const classes = stateClasses(connected, delta);
  return classes.count === connected.numStates ? connected : mergeStates(connected, classes);
}

/** One state for each class, in the order in which classes first come: its first state's arcs and final cost. */
export function mergeStates(fst: Fst, { classOf, count }: StateClasses): Fst {
  const { semiring, inputSymbols, outputSymbols } = fst;
  const out = new FstBuilder({ semiring, inputSymbols, outputSymbols, states: count });
  const place = new Int32Array(count).fill(-1);
  const members: number[] = [];
  for (let s = 0; s < fst.numStates; s++)
    if (place[classOf[s]!]! < 0) {
      place[classOf[s]!] = out.addState();
      members.push(s);
    }
  const merged = (s: number): number => place[classOf[s]!]!;
  if (fst.start >= 0) out.setStart(merged(fst.start));
  for (const [t, s] of members.entries()) {
    out.setFinal(t, fst.final[s]!);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      out.addArc(t, fst.ilabel[a]!, fst.olabel[a]!, fst.weight[a]!, merged(fst.nextState[a]!));
  }
  return out.build();
}
