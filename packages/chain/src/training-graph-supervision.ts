import type { TransitionModel } from '@jebena/hmm';
import { type Fst, project, removeEpsilons, rmEpsLocal } from '@jebena/wfst';
import { ChainError } from './errors.js';
import type { Supervision } from './supervision.js';

/**
 * A training graph over transition ids (`TrainingGraphCompiler`, compile-train-graphs) as an acceptor over pdf + 1 with
 * self-loops: the numerator of end-to-end LF-MMI (FstTransitionToPdfPlusOne in chainbin/chain-make-num-fst-e2e.cc). Kaldi
 * rejects graphs with a word on an arc without a transition id; here words do not matter.
 *
 * @throws ChainError `ERR_CHAIN_SUPERVISION` for transition ids that the model lacks, or an empty graph
 */
export function trainingGraphToPdfs(graph: Fst, model: TransitionModel): Fst {
  const ids = removeEpsilons(rmEpsLocal(project(graph, 'input')));
  if (ids.start < 0)
    throw new ChainError('ERR_CHAIN_SUPERVISION', 'end-to-end supervision: the training graph is empty');
  const labels = ids.ilabel.map((tid) => {
    if (tid >= 1 && tid <= model.numTransitionIds) return model.tidToPdf[tid]! + 1;
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `end-to-end supervision: expected transition ids from 1 to ${model.numTransitionIds} in the training graph, found ${tid}`,
    );
  });
  return ids.with({ ilabel: labels, olabel: labels });
}

/**
 * End-to-end supervision of an utterance: all ways to say its transcript, without an alignment
 * (TrainingGraphToSupervisionE2e in chain/chain-supervision.cc).
 *
 * @param frames output frames of the utterance
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where the utterance is too short for its transcript, or as {@link trainingGraphToPdfs}
 */
export function trainingGraphToSupervision(graph: Fst, model: TransitionModel, frames: number): Supervision {
  const fst = trainingGraphToPdfs(graph, model);
  const needed = shortestLength(fst);
  if (needed > frames)
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `end-to-end supervision: the utterance is too short for its transcript, which takes ${needed} output frames of ${frames}`,
    );
  return { weight: 1, numSequences: 1, framesPerSequence: frames, labelDim: model.numPdfs, e2eFsts: [fst] };
}

/** Arcs of the shortest path to a final state; Infinity where there is none. */
function shortestLength({ start, firstArc, nextState, final, numStates }: Fst): number {
  const length = new Float64Array(numStates).fill(Infinity);
  if (start < 0) return Infinity;
  length[start] = 0;
  const queue = [start];
  for (const s of queue) {
    if (final[s]! < Infinity) return length[s]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = nextState[a]!;
      if (length[to]! < Infinity) continue;
      length[to] = length[s]! + 1;
      queue.push(to);
    }
  }
  return Infinity;
}
