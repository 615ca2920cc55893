import { composeContext, type ContextTree, addSelfLoops, hTransducer, type TransitionModel } from '@jebena/hmm';
import {
  arcSort,
  compose,
  connect,
  type Fst,
  FstBuilder,
  pushSpecial,
  removeEpsilons,
  reverse,
  rmEpsLocal,
} from '@jebena/wfst';
import { initialProbabilities } from './denominator-graph.js';
import { ChainError } from './errors.js';
import { minimizeAcceptor } from './minimize-acceptor.js';

/** Rounds of making the graph smaller from both ends; later ones find little. */
const rounds = 3;
/** How evenly probabilities are spread before states are merged: a hundredth of OpenFst's kDelta. */
const pushDelta = 0.01 / 1024;

/**
 * The denominator graph: all that a phone language model can say, as an epsilon-free acceptor over pdf + 1 with
 * transition probabilities in it (CreateDenominatorFst in chain/chain-den-graph.cc).
 *
 * @param phoneLm acceptor over phones without epsilons
 * @throws ChainError `ERR_CHAIN_GRAPH` where nothing is left
 */
export function denominatorFst(tree: ContextTree, model: TransitionModel, phoneLm: Fst): Fst {
  const pdfs = phonesToPdfs(tree, model, phoneLm);
  let fst = removeEpsilons(rmEpsLocal(pdfs));
  if (fst.start < 0) throw new ChainError('ERR_CHAIN_GRAPH', 'denominator graph: expected states, found none');
  const smaller = (graph: Fst): Fst => minimizeAcceptor(pushSpecial(graph, { delta: pushDelta }));
  for (let round = 0; round < rounds; round++) fst = smaller(reverse(smaller(reverse(fst))));
  return byArcCount(pushSpecial(removeEpsilons(fst), { delta: pushDelta }));
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

/**
 * States with many arcs into and out of them first: those that are worked on together then take equally long. The arcs
 * of each the other way round, as OpenFst's removal of epsilons leaves them.
 */
function byArcCount(fst: Fst): Fst {
  const { numStates, firstArc, ilabel, weight, nextState, final, start } = fst;
  const arcs = Int32Array.from(final, (_, s) => firstArc[s + 1]! - firstArc[s]!);
  for (const s of nextState) arcs[s]!++;
  const sorted = Array.from(arcs.keys()).sort((a, b) => arcs[b]! - arcs[a]! || a - b);
  const place = new Int32Array(numStates);
  sorted.forEach((s, i) => (place[s] = i));
  const b = new FstBuilder({ states: numStates, arcs: fst.numArcs });
  b.ensureStates(numStates);
  b.setStart(place[start]!);
  sorted.forEach((s, i) => {
    b.setFinal(i, final[s]!);
    for (let a = firstArc[s + 1]! - 1; a >= firstArc[s]!; a--)
      b.addArc(i, ilabel[a]!, ilabel[a]!, weight[a]!, place[nextState[a]!]!);
  });
  return b.build();
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
