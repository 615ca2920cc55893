import { addSelfLoops, type TransitionModel } from '@jebena/hmm';
import { connect, determinizeStar, type Fst, minimize, randomPath } from '@jebena/wfst';
import { ChainError } from './errors.js';
import type { Supervision } from './supervision.js';

/**
 * Frees a chunk of supervision from its alignment: the phones and their order stay, where they begin and end does not
 * matter any more, and the graph is one with self-loops, as for end-to-end training. A phone that the chunk's start cuts
 * in two stays cut (ConvertSupervisionToUnconstrained in chain/chain-supervision.cc).
 *
 * @param supervision over transition ids (`convertToPdfs: false`)
 * @param seed of the path that `alignmentPdfs` holds
 * @throws ChainError `ERR_CHAIN_SUPERVISION` for supervision over pdfs, end to end, or of several sequences
 */
export function toUnconstrained(model: TransitionModel, supervision: Supervision, seed: number = 0): Supervision {
  const { fst, numSequences, labelDim, framesPerSequence } = supervision;
  if (!fst || numSequences !== 1 || labelDim !== model.numTransitionIds)
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `unconstrained supervision: expected one sequence over ${model.numTransitionIds} transition ids, found ${numSequences} over ${labelDim} labels`,
    );
  const { ilabels } = randomPath(fst, { seed, maxLength: framesPerSequence + 1 });
  const alignmentPdfs = Int32Array.from(ilabels, (tid) => model.tidToPdf[tid]!);
  const smallest = (graph: Fst): Fst => connect(minimize(determinizeStar(graph)));
  const phones = smallest(withoutSelfLoops(fst, model));
  const looped = addSelfLoops(phones, model, { selfLoopScale: 0, loopsAllowed: true });
  const labels = looped.ilabel.map((tid) => (tid === 0 ? 0 : model.tidToPdf[tid]! + 1));
  const free = smallest(looped.with({ ilabel: labels, olabel: new Int32Array(labels.length) }));
  return {
    ...supervision,
    labelDim: model.numPdfs,
    fst: undefined,
    e2eFsts: [free.with({ olabel: free.ilabel })],
    alignmentPdfs,
  };
}

/** Self-loops become epsilons, but for those of the first frame: they go on with a phone that the chunk's start has cut. */
function withoutSelfLoops(fst: Fst, model: TransitionModel): Fst {
  const ilabel = fst.ilabel.slice();
  for (let s = 0; s < fst.numStates; s++)
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      if (s !== fst.start && model.tidIsSelfLoop[ilabel[a]!]) ilabel[a] = 0;
  return fst.with({ ilabel, olabel: new Int32Array(ilabel.length) });
}
