import {
  compose,
  connect,
  determinize,
  type Fst,
  minimize,
  project,
  removeEpsilons,
  renumberStates,
} from '@jebena/wfst';
import type { Supervision } from './supervision.js';

/**
 * Composes what a supervision allows with the normalization graph, so that each path costs what it costs in the
 * denominator (AddWeightToSupervisionFst in chain/chain-supervision.cc). Without it, the objective has no upper bound of 0.
 *
 * @returns undefined where the denominator has none of the paths
 */
export function normalizeSupervision(normalization: Fst, supervision: Supervision): Supervision | undefined {
  const { fst, e2eFsts } = supervision;
  if (fst) {
    const weighted = compose(smallest(fst), normalization);
    return weighted.start < 0 ? undefined : { ...supervision, fst: byTime(smallest(weighted)) };
  }
  // These have loops: they are not made deterministic.
  const all = e2eFsts!.map((one) => connect(project(compose(one, normalization), 'input')));
  return all.some((one) => one.start < 0) ? undefined : { ...supervision, e2eFsts: all };
}

const smallest = (fst: Fst): Fst => minimize(determinize(removeEpsilons(project(fst, 'input'))));

/** States breadth first: all paths are equally long, so this is the order of time. */
function byTime(fst: Fst): Fst {
  const order = [fst.start];
  const met = new Set(order);
  for (const s of order)
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const to = fst.nextState[a]!;
      if (met.has(to)) continue;
      met.add(to);
      order.push(to);
    }
  return renumberStates(fst, Int32Array.from(order));
}
