import { arcSort, compose, connect, determinizeStar, type Fst, minimizeEncoded, rmEpsLocal } from '@jebena/wfst';
import { composeContext } from './context-fst.js';
import type { ContextTree } from './context-tree.js';
import { HmmError } from './errors.js';
import { linearAcceptor } from './grammar-loop.js';
import { hTransducer } from './h-transducer.js';
import { Language } from './language.js';
import { lexiconFst } from './lexicon-fst.js';
import { removeInputLabels } from './make-graph.js';
import { addSelfLoops } from './self-loops.js';
import type { TransitionModel } from './transition-model.js';

export interface TrainingGraphOptions {
  /** Factor on the logarithms of transitions other than self-loops. Default 1. */
  readonly transitionScale?: number | undefined;
  /** Factor on those of self-loops. Default 1; Kaldi's recipes align with 0.1. */
  readonly selfLoopScale?: number | undefined;
  /** Self-loops behind the transition out of their state. Default true. */
  readonly reorder?: boolean | undefined;
  /** Takes out epsilons that cost nothing to take out. Default false, as in Kaldi. */
  readonly removeEpsilons?: boolean | undefined;
  /** Probability of silence between words, where L is made here. Default 0.5. */
  readonly silenceProbability?: number | undefined;
}

/** L and the labels of disambiguation symbols in it, where it has any. */
export interface TrainingLexicon {
  readonly fst: Fst;
  readonly disambig?: Iterable<number> | undefined;
}

/**
 * Makes training graphs: all ways to say a transcript, as transition ids (decoder/training-graph-compiler.cc).
 *
 * @example
 * ```ts
 * const compiler = new TrainingGraphCompiler({ lexicon: language, tree, transitionModel });
 * const graph = compiler.compile(language.wordLabels(['two', 'one']));
 * ```
 */
export class TrainingGraphCompiler {
  private readonly lexicon: Fst;
  private readonly disambig: ReadonlySet<number>;
  private readonly tree: ContextTree;
  private readonly model: TransitionModel;
  private readonly options: TrainingGraphOptions;

  constructor(parts: {
    readonly lexicon: Language | TrainingLexicon;
    readonly tree: ContextTree;
    readonly transitionModel: TransitionModel;
    readonly options?: TrainingGraphOptions | undefined;
  }) {
    const { lexicon, options = {} } = parts;
    const fst =
      lexicon instanceof Language
        ? lexiconFst(lexicon, { disambig: false, silenceProbability: options.silenceProbability })
        : lexicon.fst;
    this.lexicon = arcSort(fst, { by: 'olabel' });
    this.disambig = new Set(lexicon.disambig ?? []);
    this.tree = parts.tree;
    this.model = parts.transitionModel;
    this.options = options;
  }

  /**
   * The graph of a transcript, or of an acceptor of several.
   *
   * @param words word labels
   * @throws HmmError when the lexicon lacks a word
   */
  compile(words: ArrayLike<number> | Fst): Fst {
    const { contextWidth, centralPosition } = this.tree;
    const { transitionScale, selfLoopScale, reorder, removeEpsilons = false } = this.options;
    const acceptor = 'numStates' in words ? words : linearAcceptor(words);
    const phones = compose(this.lexicon, acceptor);
    if (phones.start < 0) {
      const text = 'numStates' in words ? 'an acceptor' : `words ${Array.from(words).join(' ')}`;
      throw new HmmError('ERR_HMM_GRAPH', `training graph: the lexicon has no way to say ${text}`);
    }
    const context = composeContext(phones, { contextWidth, centralPosition, disambig: this.disambig });
    const h = hTransducer(context.labels, this.tree, this.model, { transitionScale });
    let graph = determinizeStar(compose(h.fst, connect(context.fst)), { semiring: 'log' });
    if (h.disambig.length > 0) graph = removeInputLabels(graph, new Set(h.disambig));
    if (removeEpsilons) graph = rmEpsLocal(graph);
    return addSelfLoops(minimizeEncoded(graph), this.model, { selfLoopScale, reorder });
  }
}
