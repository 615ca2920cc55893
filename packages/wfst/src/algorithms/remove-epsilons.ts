import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';
import { connect } from './connect.js';
import { plusOf } from './log-add.js';

export interface RemoveEpsilonsOptions {
  /** Whether to drop what lies on no path to a final state; true unless given. */
  readonly connect?: boolean | undefined;
  /** Changes of a cost below this are not followed further; 1/1024 unless given. */
  readonly delta?: number | undefined;
}

/**
 * Removes the arcs whose labels are both epsilon (M. Mohri, "Generic epsilon-removal", 2002): each state takes over
 * the arcs of the states that it reaches on epsilons.
 *
 * @throws FstError `ERR_FST_NEGATIVE_CYCLE` where a cycle of epsilons has no least cost
 */
export function removeEpsilons(fst: Fst, options: RemoveEpsilonsOptions = {}): Fst {
  const { semiring, inputSymbols, outputSymbols, numStates } = fst;
  if (!fst.ilabel.some((il, a) => il === 0 && fst.olabel[a] === 0))
    return (options.connect ?? true) ? connect(fst) : fst;
  const out = new FstBuilder({ semiring, inputSymbols, outputSymbols, arcs: fst.numArcs, states: numStates });
  const closure = new Closure(fst, options.delta ?? 1 / 1024);
  const merged = new ArcMerger(fst);
  const live = reachedByLabels(fst);
  out.ensureStates(numStates);
  if (fst.start >= 0) out.setStart(fst.start);
  for (let s = 0; s < numStates; s++) if (live[s]) merged.emit(out, s, closure.of(s));
  const result = out.build();
  return (options.connect ?? true) ? connect(result) : result;
}

/** States that stay in use without epsilons: the start and all that a labelled arc leads to. */
function reachedByLabels(fst: Fst): Uint8Array {
  const live = new Uint8Array(fst.numStates);
  if (fst.start >= 0) live[fst.start] = 1;
  for (let a = 0; a < fst.numArcs; a++) if (fst.ilabel[a] !== 0 || fst.olabel[a] !== 0) live[fst.nextState[a]!] = 1;
  return live;
}

/** The states that a state reaches on epsilons, with their costs. */
class Closure {
  private readonly distance: Float64Array;
  private readonly pending: Float64Array;
  private readonly queued: Uint8Array;
  private readonly plus: (a: number, b: number) => number;
  private reached: number[] = [];

  constructor(
    private readonly fst: Fst,
    private readonly delta: number,
  ) {
    this.distance = new Float64Array(fst.numStates).fill(Infinity);
    this.pending = new Float64Array(fst.numStates).fill(Infinity);
    this.queued = new Uint8Array(fst.numStates);
    this.plus = plusOf(fst.semiring);
  }

  of(state: number): { readonly states: number[]; readonly distance: Float64Array } {
    const { fst, distance, pending, queued, plus } = this;
    for (const s of this.reached) distance[s] = pending[s] = Infinity;
    const reached = (this.reached = [state]);
    const queue = [state];
    distance[state] = pending[state] = 0;
    const most = 100_000 + 100 * fst.numStates;
    for (let n = 0; n < queue.length; n++) {
      if (n > most)
        throw new FstError('ERR_FST_NEGATIVE_CYCLE', `a cycle of epsilons through state ${queue[n]} has no least cost`);
      const s = queue[n]!;
      const cost = pending[s]!;
      queued[s] = 0;
      pending[s] = Infinity;
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
        if (fst.ilabel[a] !== 0 || fst.olabel[a] !== 0 || fst.weight[a] === Infinity) continue;
        const t = fst.nextState[a]!;
        const arriving = cost + fst.weight[a]!;
        const before = distance[t]!;
        if (before === Infinity) reached.push(t);
        distance[t] = plus(before, arriving);
        pending[t] = plus(pending[t]!, arriving);
        if (before - distance[t] <= this.delta || queued[t]) continue;
        queued[t] = 1;
        queue.push(t);
      }
    }
    return { states: reached, distance };
  }
}

/** Gathers a state's new arcs, with those that have the same labels and next state made one. */
class ArcMerger {
  private readonly plus: (a: number, b: number) => number;

  constructor(private readonly fst: Fst) {
    this.plus = plusOf(fst.semiring);
  }

  emit(out: FstBuilder, state: number, { states, distance }: ReturnType<Closure['of']>): void {
    const { fst, plus } = this;
    const alone = states.length === 1;
    const arcs = new Map<string, { ilabel: number; olabel: number; weight: number; next: number }>();
    let final = Infinity;
    for (const s of states) {
      const d = distance[s]!;
      final = plus(final, d + fst.final[s]!);
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
        const [ilabel, olabel, next] = [fst.ilabel[a]!, fst.olabel[a]!, fst.nextState[a]!];
        if (ilabel === 0 && olabel === 0) continue;
        const weight = d + fst.weight[a]!;
        if (alone) {
          out.addArc(state, ilabel, olabel, weight, next);
          continue;
        }
        const key = `${ilabel} ${olabel} ${next}`;
        const same = arcs.get(key);
        if (same) same.weight = plus(same.weight, weight);
        else arcs.set(key, { ilabel, olabel, weight, next });
      }
    }
    for (const { ilabel, olabel, weight, next } of arcs.values()) out.addArc(state, ilabel, olabel, weight, next);
    out.setFinal(state, final);
  }
}
