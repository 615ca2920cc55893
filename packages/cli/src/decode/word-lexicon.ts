import { UsageError } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';

/** align_lexicon.int: `word-in word-out phone ...`; words by the label in the lattice (word-in). */
export async function readAlignLexicon(path: string): Promise<Map<number, number[][]>> {
  const entries = new Map<number, number[][]>();
  (await readLines(path)).forEach((line, i) => {
    const fields = line.trim().split(/\s+/).map(Number);
    if (fields.length < 2 || fields.some((f) => !Number.isInteger(f)))
      throw new UsageError(`${path}, line ${i + 1}: expected integers 'word word phone ...', found '${line}'`);
    const [word, , ...phones] = fields as [number, number, ...number[]];
    const of = entries.get(word) ?? [];
    of.push(phones);
    entries.set(word, of);
  });
  return entries;
}
