import type { CompactLattice } from '@jebena/wfst';
import { latticeOrder } from './lattice-order.js';
import { pruneLattice } from './lattice-prune.js';
import type { Score, ScoredUtterance } from './score.js';
import { confusions } from './score-details.js';
import { percent } from './word-errors.js';

export interface ReportOptions {
  readonly title?: string | undefined;
  /** Lattices of the utterances, drawn for the worst of them. */
  readonly lattices?: ReadonlyMap<string, CompactLattice> | undefined;
  readonly wordOf?: ((label: number) => string) | undefined;
  /** How many utterances and confusions to show. Default 20. */
  readonly most?: number | undefined;
}

/** A page of HTML, whole in itself, that shows the errors of a test set: by speaker, confusions, worst utterances. */
export function errorReport(score: Score, options: ReportOptions = {}): string {
  const { title = 'Word errors', most = 20 } = options;
  const worst = [...score.utterances]
    .map((utterance) => ({ utterance, errors: errorsOf(utterance) }))
    .filter(({ errors }) => errors > 0)
    .sort((a, b) => b.errors - a.errors || (a.utterance.key < b.utterance.key ? -1 : 1))
    .slice(0, most);
  const rows = [...score.speakers].map(([name, rate]) => [name, String(rate.refWords), percent(rate.rate)]);
  const pairs = confusions(score).slice(0, most);
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style>`,
    `<h1>${escape(title)}</h1><p><b>${escape(String(score.total))}</b><br>${escape(score.total.sentenceLine())}</p>`,
    rows.length > 0 ? `<h2>Speakers</h2>${tableOf(['speaker', 'words', 'WER %'], rows)}` : '',
    `<h2>Most confused words</h2>`,
    tableOf(
      ['reference', 'hypothesis', 'times'],
      pairs.map(({ ref, hyp, count }) => [ref, hyp, String(count)]),
    ),
    `<h2>Worst utterances</h2>`,
    ...worst.map(({ utterance, errors }) => utteranceHtml(utterance, errors, options)),
    '</html>\n',
  ].join('\n');
}

const style =
  'body{font:15px sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}td,th{padding:.2em .7em;' +
  'text-align:left;border-bottom:1px solid #ddd}.sub{background:#fd9}.ins{background:#9df}.del{background:#f99}' +
  '.w{display:inline-block;padding:0 .3em;vertical-align:top}svg{max-width:100%}';

const errorsOf = ({ comparison }: ScoredUtterance): number =>
  comparison.insertions + comparison.deletions + comparison.substitutions;

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const tableOf = (heading: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', heading)}${rows.map((row) => cells('td', row)).join('')}</table>`;
};

function utteranceHtml(utterance: ScoredUtterance, errors: number, { lattices, wordOf }: ReportOptions): string {
  const words = utterance.comparison.alignment.map(
    ({ kind, ref = '·', hyp = '·' }) => `<span class="w ${kind}">${escape(ref)}<br>${escape(hyp)}</span>`,
  );
  const lattice = lattices?.get(utterance.key);
  const drawing = lattice ? latticeSvg(pruneLattice(lattice, 8), wordOf ?? String) : '';
  return `<h3>${escape(utterance.key)}: ${errors} errors</h3><p>${words.join('')}</p>${drawing}`;
}

/** A lattice as a picture: states from left to right by their depth, arcs with words. */
export function latticeSvg(lattice: CompactLattice, wordOf: (label: number) => string): string {
  const order = latticeOrder(lattice);
  const depth = new Map<number, number>();
  for (const s of order) {
    const own = depth.get(s) ?? 0;
    depth.set(s, own);
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++)
      depth.set(lattice.nextState[a]!, Math.max(depth.get(lattice.nextState[a]!) ?? 0, own + 1));
  }
  const columns = new Map<number, number>();
  const at = new Map<number, { x: number; y: number }>();
  for (const s of order) {
    const column = depth.get(s)!;
    const row = columns.get(column) ?? 0;
    columns.set(column, row + 1);
    at.set(s, { x: 30 + 110 * column, y: 30 + 60 * row + (column % 2) * 20 });
  }
  const shapes: string[] = [];
  for (const s of order) {
    const from = at.get(s)!;
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const to = at.get(lattice.nextState[a]!)!;
      const bend = ((a - lattice.firstArc[s]!) % 3) * 14 - 14;
      const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2 + bend];
      shapes.push(
        `<path d="M${from.x} ${from.y}Q${x} ${y} ${to.x} ${to.y}" fill="none" stroke="#888"/>`,
        `<text x="${x}" y="${y - 2}" font-size="11" text-anchor="middle">${escape(lattice.label[a] === 0 ? '' : wordOf(lattice.label[a]!))}</text>`,
      );
    }
  }
  for (const s of order)
    shapes.push(
      `<circle cx="${at.get(s)!.x}" cy="${at.get(s)!.y}" r="6" fill="${lattice.isFinal(s) ? '#444' : '#fff'}" stroke="#444"/>`,
    );
  const width = 60 + 110 * Math.max(0, ...depth.values());
  const height = 80 + 60 * (Math.max(1, ...columns.values()) - 1);
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${shapes.join('')}</svg>`;
}
