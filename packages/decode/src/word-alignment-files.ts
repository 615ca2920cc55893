import { UsageError } from '@jebena/options';
import type { WordAlignment, WordBoundary } from './align-words.js';

/**
 * Words by their pronunciations: the lines of align_lexicon.int, `word-in word-out phone ...`, by the label in
 * the lattice (word-in). Label 0's one-phone entries are the silences.
 *
 * @param path names the file in errors
 * @throws UsageError for a line that is none
 */
export function parseAlignLexicon(lines: readonly string[], path: string = 'align_lexicon.int'): WordAlignment {
  const entries = new Map<number, number[][]>();
  lines.forEach((line, i) => {
    const fields = line.trim().split(/\s+/).map(Number);
    if (fields.length < 2 || fields.some((f) => !Number.isInteger(f)))
      throw new UsageError(`${path}, line ${i + 1}: expected integers 'word word phone ...', found '${line}'`);
    const [word, , ...phones] = fields as [number, number, ...number[]];
    const of = entries.get(word) ?? [];
    of.push(phones);
    entries.set(word, of);
  });
  const silencePhones = new Set(
    (entries.get(0) ?? []).filter((phones) => phones.length === 1).map(([phone]) => phone!),
  );
  return { pronunciations: (word) => entries.get(word) ?? [], silencePhones };
}

/**
 * Words by where in them each phone stands: the lines of word_boundary.int,
 * `phone nonword|begin|end|internal|singleton`.
 *
 * @param path names the file in errors
 * @throws UsageError for a line that is none
 */
export function parseWordBoundaries(lines: readonly string[], path: string = 'word_boundary.int'): WordAlignment {
  const boundaries = new Map(
    lines.map((line, i) => {
      const match = /^\s*(\d+)\s+(nonword|begin|end|internal|singleton)\s*$/.exec(line);
      if (!match) throw new UsageError(`${path}, line ${i + 1}: expected 'phone kind', found '${line}'`);
      return [Number(match[1]), match[2] as WordBoundary];
    }),
  );
  return { boundaries };
}
