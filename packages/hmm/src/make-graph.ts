import {
  arcSort,
  compose,
  connect,
  determinizeStar,
  type Fst,
  minimizeEncoded,
  pushSpecial,
  rmEpsLocal,
} from '@jebena/wfst';
import { composeContext, type LabelInfo } from './context-fst.js';
import type { ContextTree } from './context-tree.js';
import { HmmError } from './errors.js';
import { hTransducer } from './h-transducer.js';
import { Language } from './language.js';
import { lexiconFst } from './lexicon-fst.js';
import { addSelfLoops } from './self-loops.js';
import type { TransitionModel } from './transition-model.js';

export interface GraphOptions {
  /** Factor on the logarithms of transitions other than self-loops. Default 1. */
  readonly transitionScale?: number | undefined;
  /** Factor on those of self-loops: 0.1, mkgraph.sh's own default, suits cross-entropy models; chain models want 1. */
  readonly selfLoopScale?: number | undefined;
  /** Probability of silence between words, where L is made here. Default 0.5. */
  readonly silenceProbability?: number | undefined;
  /** Says where a long construction stands. */
  readonly progress?: ((step: string, states: number, arcs: number) => void) | undefined;
}

/** A lexicon as a transducer, disambiguation symbols in it, with the labels of those among the phones. */
export interface LexiconTransducer {
  readonly fst: Fst;
  readonly disambig: Iterable<number>;
}

export interface GraphParts {
  readonly lexicon: Language | LexiconTransducer;
  /** G: a grammar over words, #0 on its backoff arcs. */
  readonly grammar: Fst;
  readonly transitionModel: TransitionModel;
  readonly tree: ContextTree;
  readonly options?: GraphOptions | undefined;
}

/**
 * HCLG, the graph that a search runs on: from transition ids to words, as utils/mkgraph.sh makes it.
 *
 * @throws FstError where L o G cannot be determinised (disambiguation symbols are missing); HmmError where tree, model
 *   and lexicon do not fit, or nothing is left
 * @example
 * ```ts
 * const language = new Language(lexicon, { silencePhones: ['SIL'] });
 * const graph = makeGraph({ lexicon: language, grammar: wordLoop(labels), transitionModel, tree });
 * ```
 */
export function makeGraph({ lexicon, grammar, transitionModel, tree, options = {} }: GraphParts): Fst {
  const { transitionScale = 1, selfLoopScale = 0.1, silenceProbability, progress } = options;
  const report = (step: string, fst: Fst): Fst => {
    progress?.(step, fst.numStates, fst.numArcs);
    if (fst.start < 0)
      throw new HmmError('ERR_HMM_GRAPH', `graph: nothing is left of ${step}: lexicon and grammar share no words`);
    return fst;
  };
  const { fst: l, disambig } =
    lexicon instanceof Language
      ? { fst: lexiconFst(lexicon, { disambig: true, silenceProbability }), disambig: lexicon.disambig }
      : lexicon;
  const phoneDisambig = new Set(disambig);
  const lg = report('LG', makeLG(l, grammar));
  const { contextWidth, centralPosition } = tree;
  const { fst: context, labels } = composeContext(lg, { contextWidth, centralPosition, disambig: phoneDisambig });
  const clg = report('CLG', connect(context));
  const hclg = report('HCLG without self-loops', makeHCLGa(clg, labels, tree, transitionModel, transitionScale));
  return report('HCLG', addSelfLoops(hclg, transitionModel, { selfLoopScale }));
}

/** L o G, determinised, minimised, its weights pushed so that every state's sum to one. */
export function makeLG(lexicon: Fst, grammar: Fst): Fst {
  const composed = compose(arcSort(lexicon, { by: 'olabel' }), grammar);
  return arcSort(pushSpecial(minimizeEncoded(determinizeStar(composed, { semiring: 'log' }))), { by: 'ilabel' });
}

function makeHCLGa(
  clg: Fst,
  labels: readonly LabelInfo[],
  tree: ContextTree,
  model: TransitionModel,
  transitionScale: number,
): Fst {
  const h = hTransducer(labels, tree, model, { transitionScale });
  const determinized = determinizeStar(compose(h.fst, clg), { semiring: 'log' });
  return minimizeEncoded(rmEpsLocal(removeInputLabels(determinized, new Set(h.disambig))));
}

/** Replaces input labels by epsilon. */
export function removeInputLabels(fst: Fst, labels: ReadonlySet<number>): Fst {
  return fst.with({ ilabel: fst.ilabel.map((label) => (labels.has(label) ? 0 : label)) });
}
