import { formatFloat } from '@jebena/io-ark';
import type { SymbolTable } from '@jebena/wfst';
import type { NgramModel } from './ngram-model.js';

/** An ARPA file, line by line without newlines; words as labels where there is no table. */
export function* arpaLines(model: NgramModel, symbols?: SymbolTable): Generator<string> {
  const symbol = (label: number): string => (symbols ? (symbols.symbol(label) ?? String(label)) : String(label));
  const digits = (natural: number): string => formatFloat(natural / Math.LN10, 7);
  yield '\\data\\';
  for (const [o, count] of model.counts.entries()) yield `ngram ${o + 1}=${count}`;
  for (const [o, { words, logProb, backoff }] of model.orders.entries()) {
    yield '';
    yield `\\${o + 1}-grams:`;
    for (let i = 0; i < logProb.length; i++) {
      const ngram = Array.from(words.subarray(i * (o + 1), (i + 1) * (o + 1)), symbol).join(' ');
      const more = backoff[i] === 0 ? '' : `\t${digits(backoff[i]!)}`;
      yield `${digits(logProb[i]!)}\t${ngram}${more}`;
    }
  }
  yield '';
  yield '\\end\\';
}

/** An ARPA file as one string; see {@link arpaLines}. */
export function formatArpa(model: NgramModel, symbols?: SymbolTable): string {
  let text = '';
  for (const line of arpaLines(model, symbols)) text += `${line}\n`;
  return text;
}
