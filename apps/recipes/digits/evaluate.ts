import type { Hypothesis, TestResult, ErrorCounts } from './results.js';
import { compareWords } from '@jebena/decode';

interface Tally {
  words: number;
  insertions: number;
  deletions: number;
  substitutions: number;
}
const tally = (): Tally => ({ words: 0, insertions: 0, deletions: 0, substitutions: 0 });

/** Counts the errors of a test set: in all, by speaker, and which digit was heard as which. */
export function scoreHypotheses(name: string, hypotheses: readonly Hypothesis[]): TestResult {
  const all = tally();
  const speakers: Record<string, Tally> = {};
  const confusion: Record<string, Record<string, number>> = {};
  for (const { speaker, reference, words } of hypotheses) {
    const counts = [all, (speakers[speaker] ??= tally())];
    for (const { ref, hyp } of compareWords(reference, words).alignment) {
      const [said, heard] = [ref ?? '', hyp ?? ''];
      for (const c of counts) {
        if (said !== '') c.words++;
        if (said === '') c.insertions++;
        else if (heard === '') c.deletions++;
        else if (said !== heard) c.substitutions++;
      }
      const row = (confusion[said] ??= {});
      row[heard] = (row[heard] ?? 0) + 1;
    }
  }
  return { name, ...(all as ErrorCounts), speakers, confusion, hypotheses };
}
