import { writeWhole } from '../write-whole.js';
import type { RunFolder } from './folder.js';
import type { Measured } from './measure.js';
import type { RunRecord } from './record.js';

interface Curve {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

type Final = { readonly valid: Measured | undefined; readonly train: Measured | undefined };

/** Writes the learning curves of a run: `accuracy.report`, a table as Kaldi's scripts make it, and `report.html`. */
export function tellCurves(folder: RunFolder, records: readonly RunRecord[], final?: Final): void {
  writeWhole(folder.at('accuracy.report'), table(records, final));
  writeWhole(folder.at('report.html'), page(folder.path, records, final));
}

const number = (value: number | undefined, digits = 4): string => (value === undefined ? '-' : value.toFixed(digits));

/** steps/nnet3/report/generate_plots.py: iteration, time, training and held-out objective, their difference. */
function table(records: readonly RunRecord[], final: Final | undefined): string {
  const lines = ['%Iter\tduration\ttrain_objective\tvalid_objective\tdifference\ttrain_accuracy\tvalid_accuracy'];
  for (const { iteration, seconds, train, valid } of records)
    lines.push(row(String(iteration + 1), seconds, train, valid));
  if (final) lines.push(row('final', 0, final.train, final.valid));
  const total = records.reduce((sum, { seconds }) => sum + seconds, 0);
  return `${lines.join('\n')}\nTotal training time is ${Math.round(total)} seconds\n`;
}

function row(name: string, seconds: number, train: Measured | undefined, valid: Measured | undefined): string {
  const difference = train && valid ? train.objective - valid.objective : undefined;
  const values = [train?.objective, valid?.objective, difference, train?.accuracy, valid?.accuracy];
  return [name, number(seconds, 1), ...values.map((value) => number(value))].join('\t');
}

const colors = { train: '#3465a4', valid: '#cc0000', rate: '#555753' };

function page(path: string, records: readonly RunRecord[], final: Final | undefined): string {
  const curve = (name: string, color: string, of: (record: RunRecord) => number | undefined | null): Curve => ({
    name,
    color,
    points: records.flatMap((record): [number, number][] => {
      const y = of(record);
      return y === undefined || y === null ? [] : [[record.iteration + 1, y]];
    }),
  });
  const charts = [
    chart('Objective a frame', [
      curve('training data', colors.train, ({ train }) => train?.objective),
      curve('held out', colors.valid, ({ valid }) => valid?.objective),
    ]),
    chart('Share of frames that are right', [
      curve('training data', colors.train, ({ train }) => train?.accuracy),
      curve('held out', colors.valid, ({ valid }) => valid?.accuracy),
    ]),
    chart('Learning rate of each job', [curve('rate', colors.rate, ({ learningRate }) => learningRate)]),
    chart('Waiting for data, % of the time', [curve('waiting', colors.rate, ({ waiting }) => waiting)]),
  ];
  const lost = records.filter((record) => record.lost.length > 0);
  const losses = lost.map(({ iteration, lost: jobs }) => `<li>iteration ${iteration + 1}: job ${jobs.join(', ')}</li>`);
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  const end = final
    ? `<p>Final model: objective ${number(final.valid?.objective)} held out, ${number(final.train?.objective)} on training data; frames right ${percent(final.valid?.accuracy)} and ${percent(final.train?.accuracy)}.</p>`
    : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Training: ${escape(path)}</title>
<style>body{font:15px system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}svg{width:100%;height:auto}text{font:12px system-ui,sans-serif}</style>
<h1>Training: ${escape(path)}</h1>
<p>${records.length} iterations in ${Math.round(seconds)} seconds.</p>${end}
${lost.length > 0 ? `<h2>Lost jobs</h2><ul>${losses.join('')}</ul>` : ''}
${charts.join('\n')}
</html>
`;
}

const percent = (share: number | undefined): string => (share === undefined ? '-' : `${(100 * share).toFixed(1)} %`);
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const size = { width: 800, height: 260, left: 70, right: 120, top: 12, bottom: 28 };

/** Lines over iterations, as an SVG picture; nothing where there are no points. */
function chart(title: string, curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return '';
  const [x0, x1] = range(all.map(([x]) => x));
  const [y0, y1] = range(all.map(([, y]) => y));
  const x = (value: number): number => size.left + ((value - x0) / (x1 - x0)) * (size.width - size.left - size.right);
  const y = (value: number): number =>
    size.height - size.bottom - ((value - y0) / (y1 - y0)) * (size.height - size.top - size.bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = y0 + part * (y1 - y0);
    const at = y(value).toFixed(1);
    return `<path d="M${size.left} ${at}H${size.width - size.right}" stroke="#ddd"/><text x="${size.left - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${value.toPrecision(3)}</text>`;
  });
  const lines = curves.flatMap(({ name, color, points }, i) => {
    if (points.length === 0) return [];
    const path = points.map(([px, py], k) => `${k === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('');
    return [
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      `<text x="${size.width - size.right + 8}" y="${size.top + 14 + 18 * i}" fill="${color}">${name}</text>`,
    ];
  });
  const ends = `<text x="${size.left}" y="${size.height - 8}">${x0}</text><text x="${size.width - size.right}" y="${size.height - 8}" text-anchor="end">iteration ${x1}</text>`;
  return `<h2>${title}</h2><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}">${grid.join('')}${lines.join('')}${ends}</svg>`;
}

function range(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}
