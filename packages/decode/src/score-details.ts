import type { Score } from './score.js';
import { percent, type WordErrorRate } from './word-errors.js';

/** Words confused with each other, most often first; '***' stands for no word. */
export function confusions(score: Score): { ref: string; hyp: string; count: number }[] {
  const counts = new Map<string, { ref: string; hyp: string; count: number }>();
  for (const { comparison } of score.utterances)
    for (const { kind, ref = '***', hyp = '***' } of comparison.alignment) {
      if (kind === 'cor') continue;
      const key = `${ref} ${hyp}`;
      const known = counts.get(key) ?? { ref, hyp, count: 0 };
      known.count++;
      counts.set(key, known);
    }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.ref < b.ref ? -1 : 1));
}

/** Errors by speaker in a table, as sclite and Kaldi's per_spk files have it. */
export function formatSpeakers(score: Score): string {
  const row = (name: string, { sentences, refWords, ...r }: WordErrorRate): string => {
    const correct = refWords - r.substitutions - r.deletions;
    const shares = [correct, r.substitutions, r.deletions, r.insertions, r.substitutions + r.deletions + r.insertions];
    const columns = [String(sentences), String(refWords), ...shares.map((n) => percent((100 * n) / refWords))];
    return [name.padEnd(16), ...columns.map((column) => column.padStart(8))].join(' ');
  };
  const heading = ['#Snt', '#Wrd', 'Corr', 'Sub', 'Del', 'Ins', 'Err'].map((name) => name.padStart(8)).join(' ');
  const rows = [...score.speakers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, rate]) => row(name, rate));
  return [`${'SPEAKER'.padEnd(16)} ${heading}`, ...rows, row('SUM', score.total)].map((line) => `${line}\n`).join('');
}

/** The alignment of each utterance: reference, hypothesis and what became of each word, in columns (per_utt). */
export function formatAlignments(score: Score): string {
  const lines: string[] = [];
  for (const { key, comparison } of score.utterances) {
    const pairs = comparison.alignment.map(({ kind, ref = '***', hyp = '***' }) => {
      const width = Math.max(ref.length, hyp.length, 1);
      const mark = { cor: 'C', sub: 'S', ins: 'I', del: 'D' }[kind];
      return [ref, hyp, mark].map((text) => text.padEnd(width));
    });
    const { correct, substitutions, insertions, deletions } = comparison;
    for (const [i, name] of ['ref', 'hyp', 'op '].entries())
      lines.push(`${key} ${name}  ${pairs.map((pair) => pair[i]!).join('  ')}`.trimEnd());
    lines.push(`${key} #csid ${correct} ${substitutions} ${insertions} ${deletions}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
