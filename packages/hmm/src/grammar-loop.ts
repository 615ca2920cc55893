import { type Fst, FstBuilder } from '@jebena/wfst';
import { HmmError } from './errors.js';

/**
 * The grammar of any word after any other, all equally likely, as is the end: costs log(words + 1).
 *
 * @param words word labels
 */
export function wordLoop(words: Iterable<number>): Fst {
  const labels = [...new Set(words)];
  if (labels.length === 0) throw new HmmError('ERR_HMM_GRAPH', 'word loop: expected words, found none');
  const b = new FstBuilder();
  const state = b.addState();
  const cost = Math.log(labels.length + 1);
  b.setStart(state);
  for (const label of labels) b.addArc(state, label, label, cost, state);
  b.setFinal(state, cost);
  return b.build();
}

/** A linear acceptor of one sequence of labels. */
export function linearAcceptor(labels: ArrayLike<number>): Fst {
  const b = new FstBuilder();
  let state = b.addState();
  b.setStart(state);
  for (let i = 0; i < labels.length; i++) {
    const next = b.addState();
    b.addArc(state, labels[i]!, labels[i]!, 0, next);
    state = next;
  }
  b.setFinal(state);
  return b.build();
}
