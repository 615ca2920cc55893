import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';
import { DecodeError } from './errors.js';

/**
 * A language model as a deterministic machine over words: any function of words is one, its state the words so far
 * (or as many of them as it looks at). Costs are negated natural logarithms.
 */
export interface WordModel<S> {
  readonly start: S;
  /** The cost of a word after a state, and the state after it; undefined where it cannot follow. */
  next(state: S, word: number): { readonly cost: number; readonly state: S } | undefined;
  /** The cost of ending after a state; Infinity where the sentence cannot end there. */
  final(state: S): number;
  /** Tells states apart. */
  key(state: S): string | number;
}

/**
 * Composes a lattice with a language model: adds its costs, scaled, to the graph costs (lattice-lmrescore: scale -1
 * takes the old model out, 1 puts a new one in).
 *
 * @throws DecodeError for a lattice with a cycle, or where nothing is left
 */
export function rescoreLattice<S>(lattice: CompactLattice, model: WordModel<S>, scale: number = 1): CompactLattice {
  const b = new CompactLatticeBuilder();
  const ids = new Map<string, number>();
  const todo: { from: number; state: number; lm: S }[] = [];
  const stateFor = (state: number, lm: S): number => {
    const key = `${state} ${model.key(lm)}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = b.addState();
      ids.set(key, id);
      todo.push({ from: id, state, lm });
    }
    return id;
  };
  if (lattice.start >= 0) b.setStart(stateFor(lattice.start, model.start));
  for (let item = todo.pop(); item; item = todo.pop()) {
    const { from, state, lm } = item;
    if (lattice.isFinal(state)) {
      const cost = model.final(lm);
      if (cost < Infinity)
        b.setFinal(
          from,
          lattice.finalGraphCost[state]! + scale * cost,
          lattice.finalAcousticCost[state]!,
          lattice.finalString(state),
        );
    }
    for (let a = lattice.firstArc[state]!; a < lattice.firstArc[state + 1]!; a++) {
      const word = lattice.label[a]!;
      const step = word === 0 ? { cost: 0, state: lm } : model.next(lm, word);
      if (!step || step.cost === Infinity) continue;
      b.addArc(from, {
        label: word,
        graphCost: lattice.graphCost[a]! + scale * step.cost,
        acousticCost: lattice.acousticCost[a]!,
        transitionIds: lattice.string(a),
        nextState: stateFor(lattice.nextState[a]!, step.state),
      });
    }
  }
  const rescored = connectCompact(b.build());
  if (rescored.start < 0)
    throw new DecodeError('ERR_DECODE_LATTICE', 'rescoring: the language model accepts no path of the lattice');
  return rescored;
}

/** A language model of a function that scores words after all words before them: a neural one, say. */
export const wordModelOf = (
  cost: (history: readonly number[], word: number | undefined) => number,
  { historyLength = Infinity }: { historyLength?: number | undefined } = {},
): WordModel<readonly number[]> => ({
  start: [],
  next: (history, word) => ({
    cost: cost(history, word),
    state: historyLength === Infinity ? [...history, word] : [...history, word].slice(-historyLength),
  }),
  final: (history) => cost(history, undefined),
  key: (history) => history.join(','),
});
