import { ContextTree, Language, Lexicon, estimateNgrams } from '@jebena/hmm';
import { random } from './random.mjs';

/**
 * A language made from a seed: `words` words of two to ten of 40 phones (some share their pronunciation) and a
 * trigram of some `ngrams` n-grams of text in which words are as frequent as words are.
 */
export function bigLanguage({ words = 20_000, ngrams = 1_000_000, seed = 1 } = {}) {
  const draw = random(seed);
  const phones = Array.from({ length: 40 }, (_, i) => `P${String(i).padStart(2, '0')}`);
  const entries = [{ word: '!SIL', phones: ['SIL'] }];
  for (let w = 0; w < words; w++) {
    const length = 2 + Math.floor(draw() * 4 + draw() * 5);
    entries.push({
      word: `w${String(w).padStart(5, '0')}`,
      phones: Array.from({ length }, () => phones[Math.floor(draw() * draw() * 40)]),
    });
  }
  const language = new Language(new Lexicon(entries), { silencePhones: ['SIL'] });
  const labels = entries.slice(1).map(({ word }) => language.words.label(word));
  // Zipf's law: the rank of a word is the exponential of an even draw.
  const word = () => labels[Math.min(words - 1, Math.floor(words ** draw()) - 1)];
  const text = [];
  // About 1.7 n-grams a word of text are new.
  for (let tokens = 0; tokens < ngrams / 1.7;) {
    const sentence = Array.from({ length: 3 + Math.floor(draw() * 15) }, word);
    tokens += sentence.length;
    text.push(sentence);
  }
  const model = estimateNgrams(text, {
    bos: language.words.label('<s>'),
    eos: language.words.label('</s>'),
    order: 3,
    vocabulary: labels,
  });
  return { language, model };
}

/**
 * A triphone tree over the language's phones, by rule: each state of a phone has four leaves, one for each pair of a
 * half of the phones on its left and a half on its right.
 */
export function ruleTree(language, states = 3) {
  const sounds = language.nonsilencePhones;
  const half = sounds.filter((_, i) => i % 2 === 0);
  let leaves = 0;
  const leaf = () => ({ kind: 'leaf', answer: leaves++ });
  const side = (key, yes, no) => ({ kind: 'split', key, yesSet: half, yes, no });
  const sound = () => ({
    kind: 'table',
    key: -1,
    table: Array.from({ length: states }, () => side(0, side(2, leaf(), leaf()), side(2, leaf(), leaf()))),
  });
  const silence = () => ({ kind: 'table', key: -1, table: Array.from({ length: 5 }, leaf) });
  const table = [null];
  for (const phone of language.silencePhones) table[phone] = silence();
  for (const phone of sounds) table[phone] = sound();
  return new ContextTree(3, 1, { kind: 'table', key: 1, table });
}
