import type { Fst } from '@jebena/wfst';
import { HmmError } from './errors.js';
import type { TransitionModel } from './transition-model.js';

export interface TransitionScales {
  /** Factor on the logarithms of transitions other than self-loops. Default 1. */
  readonly transitionScale?: number | undefined;
  /** Factor on those of self-loops. Default 1. */
  readonly selfLoopScale?: number | undefined;
}

/** The scaled logarithm of a transition's probability (GetScaledTransitionLogProb in hmm/hmm-utils.cc). */
export function scaledLogProb(model: TransitionModel, tid: number, scales: TransitionScales = {}): number {
  const { transitionScale = 1, selfLoopScale = 1 } = scales;
  if (model.tidIsSelfLoop[tid]) return selfLoopScale * model.logProbs[tid]!;
  if (transitionScale === selfLoopScale) return transitionScale * model.logProbs[tid]!;
  const leaving = model.nonSelfLoopLogProb(model.tidToTransitionState[tid]!);
  return selfLoopScale * leaving + transitionScale * (model.logProbs[tid]! - leaving);
}

/**
 * Adds transition probabilities to a graph that was made without (with both scales 0), so that it need not be made
 * anew when they change (AddTransitionProbs in hmm/hmm-utils.cc).
 *
 * @throws HmmError for an input label that is no transition id
 */
export function addTransitionProbs(graph: Fst, model: TransitionModel, scales: TransitionScales = {}): Fst {
  const costs = Float64Array.from(model.logProbs, (_, tid) => (tid === 0 ? 0 : -scaledLogProb(model, tid, scales)));
  const weight = graph.weight.map((w, a) => {
    const label = graph.ilabel[a]!;
    if (label >= costs.length)
      throw new HmmError(
        'ERR_HMM_GRAPH',
        `transition probabilities: the graph has input label ${label}, which the model lacks`,
      );
    return w + costs[label]!;
  });
  return graph.with({ weight });
}
