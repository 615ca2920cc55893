import type { TestResult } from '../results.js';
import { digitWords } from '../strings.js';

/** Reference digits down, recognised digits across; the last row and column are insertions and deletions. */
export function confusionTable({ confusion }: TestResult): string {
  const names = [...digitWords, ''];
  const cell = (reference: string, heard: string): string => {
    const count = confusion[reference]?.[heard] ?? 0;
    if (reference === '' && heard === '') return '<td></td>';
    const kind = count === 0 ? 'none' : reference === heard ? 'hit' : 'miss';
    return `<td class="${kind}">${count}</td>`;
  };
  const head = names.map((w) => `<th>${w || 'deleted'}</th>`).join('');
  const rows = names.map((r) => `<tr><th>${r || 'inserted'}</th>${names.map((h) => cell(r, h)).join('')}</tr>`);
  return `<figure><table class="confusion"><thead><tr><th>said \\ heard</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></figure>`;
}
