import { type Fst, FstBuilder } from '@jebena/wfst';
import type { ContextTree } from './context-tree.js';
import type { Language } from './language.js';
import { type GraphOptions, makeGraph } from './make-graph.js';
import type { TransitionModel } from './transition-model.js';

export interface AddWordsParts {
  /** The finished graph. */
  readonly graph: Fst;
  /** Pronunciations of the new words; its phone symbols must be the graph's, its word labels new. */
  readonly language: Language;
  readonly transitionModel: TransitionModel;
  readonly tree: ContextTree;
  /** What each new word costs: a negated log-probability. */
  readonly cost: number;
  readonly options?: GraphOptions | undefined;
}

/**
 * Adds words to a finished graph without building it again: the new words get a small graph of their own, joined to
 * the old one where sentences begin and end. Between an old and a new word stands what stands at the edge of an
 * utterance: the old graph's cost of ending, no phonetic context, a fresh history.
 *
 * @throws HmmError where tree, model and lexicon do not fit
 */
export function addWordsToGraph({ graph, language, transitionModel, tree, cost, options }: AddWordsParts): Fst {
  const grammar = oneOf(
    language.lexicon.words.map((word) => language.words.label(word)),
    cost,
  );
  const added = makeGraph({ lexicon: language, grammar, transitionModel, tree, options });
  const b = new FstBuilder({ arcs: graph.numArcs + added.numArcs, states: graph.numStates + added.numStates });
  const copy = (fst: Fst, offset: number): void => {
    b.ensureStates(offset + fst.numStates);
    for (let s = 0; s < fst.numStates; s++) {
      b.setFinal(offset + s, fst.final[s]!);
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
        b.addArc(offset + s, fst.ilabel[a]!, fst.olabel[a]!, fst.weight[a]!, offset + fst.nextState[a]!);
    }
  };
  copy(graph, 0);
  const offset = graph.numStates;
  copy(added, offset);
  // A start of its own, so that no word can be begun from within another.
  const start = b.addState();
  b.setStart(start);
  b.addArc(start, 0, 0, 0, graph.start);
  b.addArc(start, 0, 0, 0, offset + added.start);
  for (let s = 0; s < graph.numStates; s++)
    if (graph.final[s]! < Infinity) b.addArc(s, 0, 0, graph.final[s]!, offset + added.start);
  for (let s = 0; s < added.numStates; s++)
    if (added.final[s]! < Infinity) b.addArc(offset + s, 0, 0, added.final[s]!, start);
  return b.build();
}

/** The grammar of exactly one word. */
function oneOf(labels: readonly number[], cost: number): Fst {
  const b = new FstBuilder();
  const [from, to] = [b.addState(), b.addState()];
  b.setStart(from);
  b.setFinal(to);
  for (const label of new Set(labels)) b.addArc(from, label, label, cost, to);
  return b.build();
}
