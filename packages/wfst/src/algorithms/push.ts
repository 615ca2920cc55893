import type { Fst, Semiring } from '../fst.js';
import { connect } from './connect.js';
import { pushLabels } from './push-labels.js';
import { shortestDistance } from './shortest-distance.js';
import { appendStates, builderLike } from './union.js';

export interface PushOptions {
  /** Move costs; true unless given. */
  readonly weights?: boolean | undefined;
  /** Move output labels, towards the start only; false unless given. */
  readonly labels?: boolean | undefined;
  /** Towards the start (unless given) or the final states. */
  readonly to?: 'initial' | 'final' | undefined;
  /** Leave the cost of all paths together off the result. */
  readonly removeTotal?: boolean | undefined;
  readonly semiring?: Semiring | undefined;
}

/**
 * Moves costs along paths as far towards the start (or the final states) as they go: of what leaves each state, the
 * best way then costs 0 (log semiring: the sum). Whole paths keep their cost (M. Mohri, "Finite-state transducers in
 * language and speech processing", 1997).
 */
export function push(fst: Fst, options: PushOptions = {}): Fst {
  const { weights = true, labels = false, to = 'initial', removeTotal = false, semiring = fst.semiring } = options;
  const connected = connect(fst);
  if (connected.start < 0) return connected;
  const labelled = labels ? pushLabels(connected) : connected;
  if (!weights) return labelled;
  return to === 'initial' ? toInitial(labelled, removeTotal, semiring) : toFinal(labelled, removeTotal, semiring);
}

function toInitial(fst: Fst, removeTotal: boolean, semiring: Semiring): Fst {
  const potential = shortestDistance(fst, { reverse: true, semiring });
  const total = potential[fst.start]!;
  const weight = new Float32Array(fst.numArcs);
  const final = new Float32Array(fst.numStates);
  let entered = false;
  for (let s = 0; s < fst.numStates; s++) {
    final[s] = fst.final[s]! - potential[s]!;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const t = fst.nextState[a]!;
      entered ||= t === fst.start;
      weight[a] = fst.weight[a]! + potential[t]! - potential[s]!;
    }
  }
  const pushed = fst.with({ weight, final });
  if (removeTotal || total === 0) return pushed;
  if (entered) {
    // The total must be paid once: a start that is come back to gets a state before it.
    const out = builderLike(fst);
    appendStates(out, pushed, (s, w) => out.setFinal(s, w));
    out.setStart(out.addState());
    out.addArc(fst.numStates, 0, 0, total, fst.start);
    return out.build();
  }
  for (let a = fst.firstArc[fst.start]!; a < fst.firstArc[fst.start + 1]!; a++) weight[a]! += total;
  final[fst.start]! += total;
  return pushed;
}

function toFinal(fst: Fst, removeTotal: boolean, semiring: Semiring): Fst {
  const potential = shortestDistance(fst, { semiring });
  const reverse = removeTotal ? shortestDistance(fst, { reverse: true, semiring })[fst.start]! : 0;
  const weight = new Float32Array(fst.numArcs);
  const final = new Float32Array(fst.numStates);
  for (let s = 0; s < fst.numStates; s++) {
    final[s] = potential[s]! + fst.final[s]! - reverse;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      weight[a] = potential[s]! + fst.weight[a]! - potential[fst.nextState[a]!]!;
  }
  return fst.with({ weight, final });
}
