import type { Lexicon, Pronunciation } from './lexicon.js';

/** A pronunciation with its disambiguation symbol: #n after its phones; 0 where it needs none. */
export interface Disambiguated extends Pronunciation {
  readonly disambig: number;
}

/**
 * Numbers the pronunciations that others share or begin with, so that L can be determinised: each gets the lowest
 * symbol #1, #2, ... that its phone sequence has not used (utils/add_lex_disambig.pl).
 *
 * @returns the entries and the highest symbol used, 0 when none
 */
export function addDisambig(lexicon: Lexicon): { entries: Disambiguated[]; max: number } {
  const count = new Map<string, number>();
  const prefixes = new Set<string>();
  for (const { phones } of lexicon.entries) {
    const key = phones.join(' ');
    count.set(key, (count.get(key) ?? 0) + 1);
    for (let n = phones.length - 1; n >= 0; n--) prefixes.add(phones.slice(0, n).join(' '));
  }
  const used = new Map<string, number>();
  let max = 0;
  const entries = lexicon.entries.map((entry) => {
    const key = entry.phones.join(' ');
    if (count.get(key) === 1 && !prefixes.has(key)) return { ...entry, disambig: 0 };
    const disambig = (used.get(key) ?? 0) + 1;
    used.set(key, disambig);
    max = Math.max(max, disambig);
    return { ...entry, disambig };
  });
  return { entries, max };
}
