import type { Fst } from '@jebena/wfst';
import { DecodeError } from './errors.js';
import type { WordModel } from './rescore.js';

/**
 * A language model of a grammar G with backoff arcs: a word that a state lacks is looked for behind its backoff
 * (BackoffDeterministicOnDemandFst in fstext/deterministic-fst.h). Backoff arcs have epsilon as input, or the label
 * given.
 *
 * @throws DecodeError where a state has two arcs for one word, or backing off goes round
 */
export function wordModelOfFst(
  grammar: Fst,
  { backoff = 0 }: { backoff?: number | undefined } = {},
): WordModel<number> {
  if (grammar.start < 0) throw new DecodeError('ERR_DECODE_GRAPH', 'rescoring: the grammar is empty');
  // Arcs by word: states of a big grammar are met rarely, so they are indexed as they are.
  const index = new Map<number, { words: Map<number, number>; backoff: number }>();
  const arcsOf = (state: number): { words: Map<number, number>; backoff: number } => {
    let found = index.get(state);
    if (!found) {
      found = { words: new Map<number, number>(), backoff: -1 };
      for (let a = grammar.firstArc[state]!; a < grammar.firstArc[state + 1]!; a++) {
        const word = grammar.ilabel[a]!;
        if (word === backoff) found.backoff = a;
        else if (found.words.has(word))
          throw new DecodeError(
            'ERR_DECODE_GRAPH',
            `rescoring: the grammar's state ${state} has two arcs for word ${word}`,
          );
        else found.words.set(word, a);
      }
      index.set(state, found);
    }
    return found;
  };
  /** Follows backoff arcs until `find` finds something. */
  const back = <R>(state: number, find: (state: number, cost: number) => R | undefined): R | undefined => {
    let cost = 0;
    for (let steps = 0; steps <= grammar.numStates; steps++) {
      const found = find(state, cost);
      if (found !== undefined) return found;
      const { backoff: a } = arcsOf(state);
      if (a < 0) return undefined;
      cost += grammar.weight[a]!;
      state = grammar.nextState[a]!;
    }
    throw new DecodeError('ERR_DECODE_GRAPH', 'rescoring: backing off goes round in the grammar');
  };
  return {
    start: grammar.start,
    next: (state, word) =>
      back(state, (s, cost) => {
        const a = arcsOf(s).words.get(word);
        return a === undefined ? undefined : { cost: cost + grammar.weight[a]!, state: grammar.nextState[a]! };
      }),
    final: (state) =>
      back(state, (s, cost) => (grammar.final[s]! < Infinity ? cost + grammar.final[s]! : undefined)) ?? Infinity,
    key: (state) => state,
  };
}
