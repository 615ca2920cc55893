import { compose, connect, type Fst, project, removeEpsilons } from '@jebena/wfst';
import { layeredProduct } from './layered-product.js';
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
    const weighted = layeredProduct(removeEpsilons(fst), normalization);
    return weighted.start < 0 ? undefined : { ...supervision, fst: weighted };
  }
  // These have loops: they are not made deterministic.
  const all = e2eFsts!.map((one) => connect(project(compose(one, normalization), 'input')));
  return all.some((one) => one.start < 0) ? undefined : { ...supervision, e2eFsts: all };
}
