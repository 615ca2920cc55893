import { composeContext, type ContextTree, addSelfLoops, hTransducer, type TransitionModel } from '@jebena/hmm';
import {
  arcSort,
  compose,
  connect,
  type Fst,
  FstBuilder,
  minimizeEncoded,
  pushSpecial,
  removeEpsilons,
  renumberStates,
  reverse,
} from '@jebena/wfst';
import { initialProbabilities } from './denominator-graph.js';
import { ChainError } from './errors.js';

/** Rounds of making the graph smaller from both ends; later ones find little. */
const rounds = 3;

/**
 * The denominator graph: all that a phone language model can say, as an epsilon-free acceptor over pdf + 1 with
 * transition probabilities in it (CreateDenominatorFst in chain/chain-den-graph.cc).
 *
 * @param phoneLm acceptor over phones without epsilons
 * @throws ChainError `ERR_CHAIN_GRAPH` where nothing is left
 */
export function denominatorFst(tree: ContextTree, model: TransitionModel, phoneLm: Fst): Fst {
  const pdfs = phonesToPdfs(tree, model, phoneLm);
  let fst = removeEpsilons(pdfs);
  if (fst.start < 0) throw new ChainError('ERR_CHAIN_GRAPH', 'denominator graph: expected states, found none');
  for (let round = 0; round < rounds; round++) {
    fst = removeEpsilons(minimizeEncoded(pushSpecial(reverse(fst))));
    fst = removeEpsilons(minimizeEncoded(pushSpecial(reverse(fst))));
  }
  return byArcCount(connect(fst));
}

/** From phones to pdf + 1, transition probabilities included; epsilons are left. */
function phonesToPdfs(tree: ContextTree, model: TransitionModel, phones: Fst): Fst {
  const { contextWidth, centralPosition } = tree;
  const context = composeContext(phones, { contextWidth, centralPosition, disambig: new Set() });
  const h = hTransducer(context.labels, tree, model);
  const looped = addSelfLoops(compose(h.fst, connect(context.fst)), model);
  const labels = looped.ilabel.map((tid) => (tid === 0 ? 0 : model.tidToPdf[tid]! + 1));
  return looped.with({ ilabel: labels, olabel: labels });
}

/** States with many arcs first: those that are worked on together then take equally long. */
function byArcCount(fst: Fst): Fst {
  const arcs = (s: number): number => fst.firstArc[s + 1]! - fst.firstArc[s]!;
  const sorted = Array.from({ length: fst.numStates }, (_, s) => s).sort((a, b) => arcs(b) - arcs(a) || a - b);
  return renumberStates(fst, Int32Array.from(sorted));
}

/**
 * The denominator graph as chunks see it: begun in any state by its initial probability, ended in any at no cost.
 * Numerators are composed with it, so that what they allow costs what it costs in the denominator.
 */
export function normalizationFst(denominator: Fst): Fst {
  const { numStates, firstArc, ilabel, olabel, weight, nextState } = denominator;
  const b = new FstBuilder({ states: numStates + 1, arcs: denominator.numArcs + numStates });
  b.ensureStates(numStates + 1);
  b.setStart(numStates);
  initialProbabilities(denominator).forEach((probability, s) => {
    b.setFinal(s);
    if (probability > 0) b.addArc(numStates, 0, 0, -Math.log(probability), s);
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
      b.addArc(s, ilabel[a]!, olabel[a]!, weight[a]!, nextState[a]!);
  });
  return arcSort(removeEpsilons(b.build()));
}
