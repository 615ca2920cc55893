import { type Fst, FstBuilder, type SymbolTable, determinizeStar, minimizeEncoded } from '@jebena/wfst';
import { GrammarError } from './errors.js';

export interface Phrase {
  /** Words with spaces between. */
  readonly text: string;
  /** How likely it is against the others; 1 unless given. */
  readonly weight?: number | undefined;
}

/**
 * The grammar of a list of phrases: any one of them, in proportion to its weight. Beginnings and ends that phrases
 * share are shared.
 *
 * @throws GrammarError `ERR_GRAMMAR_WORD` for a word that the table lacks, or where there are no phrases
 */
export function phraseGrammar(phrases: Iterable<Phrase | string>, symbols: SymbolTable): Fst {
  const all = Array.from(phrases, (phrase) => (typeof phrase === 'string' ? { text: phrase } : phrase));
  const total = all.reduce((sum, { weight = 1 }) => sum + weight, 0);
  if (!(total > 0 && total < Infinity))
    throw new GrammarError('ERR_GRAMMAR_WORD', 'phrases: expected phrases with positive weights, found none');
  const b = new FstBuilder({ inputSymbols: symbols, outputSymbols: symbols });
  const start = b.addState();
  b.setStart(start);
  for (const [i, { text, weight = 1 }] of all.entries()) {
    if (!(weight >= 0))
      throw new GrammarError('ERR_GRAMMAR_WORD', `phrase ${i + 1}: expected a weight, found ${weight}`);
    if (weight === 0) continue;
    let state = start;
    let cost = -Math.log(weight / total);
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const label = symbols.find(word);
      if (!label) throw new GrammarError('ERR_GRAMMAR_WORD', `phrase ${i + 1}: '${word}' is not in ${symbols.name}`);
      const next = b.addState();
      b.addArc(state, label, label, cost, next);
      cost = 0;
      state = next;
    }
    const end = b.addState();
    b.addArc(state, 0, 0, cost, end);
    b.setFinal(end);
  }
  // Determinizing sums the weights of a phrase that comes twice.
  return minimizeEncoded(determinizeStar(b.build(), { semiring: 'log' }));
}
