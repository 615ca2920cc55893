import type { ConstArpa, NgramModel } from '@jebena/hmm';
import type { WordModel } from './rescore.js';

/** A language model of an ARPA file or of Kaldi's const-arpa form, ends of sentences in it. */
export function wordModelOfNgrams(model: NgramModel | ConstArpa): WordModel<readonly number[]> {
  // No more of the history than the model can use: equal ends make equal states. A back-off weight of a history that
  // nothing follows is lost by it, as in Kaldi; estimated models have none.
  const shorten = (words: readonly number[]): readonly number[] => {
    let history = words.slice(Math.max(0, words.length - model.order + 1));
    if ('hasHistory' in model) while (history.length > 0 && !model.hasHistory(history)) history = history.slice(1);
    return history;
  };
  return {
    start: shorten([model.bos]),
    next: (history, word) => ({ cost: -model.logProb(word, history), state: shorten([...history, word]) }),
    final: (history) => -model.logProb(model.eos, history),
    key: (history) => history.join(','),
  };
}
