import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Utterance } from '../utterance.js';
import { type DigitsResults, errorLine, errorRate, type ErrorCounts, errorsOf, type TestResult } from '../results.js';
import { confusionTable } from './confusion-table.js';
import { escapeHtml } from './escape-html.js';
import { spectrogramFigure, spectrogramScript } from './spectrogram.js';
import { curveData, curveScript } from './curves.js';

const style = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --good: #2a7; --bad: #d43; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; } th, td { padding: .25rem .7rem; text-align: right; border: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } td.hit { background: color-mix(in srgb, var(--good) 30%, transparent); }
td.miss { background: color-mix(in srgb, var(--bad) 35%, transparent); } td.none { color: #8888; }
.wer { font-size: 1.2rem; font-weight: 600; margin: .3rem 0; } .quiet { opacity: .7; }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 1.5rem 0; overflow-x: auto; }
.uplot, .u-legend { color: inherit; } canvas.spectrogram { display: block; image-rendering: pixelated; }
`;

const speakerRow = (name: string, counts: ErrorCounts): string =>
  `<tr><td>${escapeHtml(name)}</td><td>${counts.words}</td><td>${errorRate(counts).toFixed(2)} %</td><td>${errorsOf(counts)}</td>` +
  `<td>${counts.insertions}</td><td>${counts.deletions}</td><td>${counts.substitutions}</td></tr>`;

function testSection(test: TestResult): string {
  const speakers = Object.entries(test.speakers);
  return `<h2>Test set ${escapeHtml(test.name)}</h2>
<h3>Errors by speaker</h3>
<table class="speakers"><thead><tr><th>speaker</th><th>words</th><th>error</th><th>wrong</th><th>inserted</th><th>deleted</th><th>substituted</th></tr></thead>
<tbody>${speakers.map(([name, counts]) => speakerRow(name, counts)).join('')}${speakerRow('all', test)}</tbody></table>
<h3>Which digit was heard as which</h3>
${confusionTable(test)}`;
}

/** Script and style of uPlot, put into the page so that it needs no network. */
function plotLibrary(): { script: string; css: string } {
  const require = createRequire(import.meta.url);
  const folder = require.resolve('uplot/package.json').replace(/package\.json$/, 'dist/');
  return {
    script: readFileSync(`${folder}uPlot.iife.min.js`, 'utf8'),
    css: readFileSync(`${folder}uPlot.min.css`, 'utf8'),
  };
}

/** JSON that may stand inside a script element. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * OUT/report.html: one page without outside references.
 *
 * @param shown utterances to draw with their aligned digits
 */
export function reportPage(results: DigitsResults, shown: readonly Utterance[]): string {
  const { script, css } = plotLibrary();
  const hypotheses = results.tests.flatMap((t) => t.hypotheses);
  const figures = shown.map((u) =>
    spectrogramFigure(
      u,
      hypotheses.find((h) => h.id === u.id)!,
    ),
  );
  const { name, version, precision, threads } = results.engine;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Digits: report</title><style>${css}${style}</style></head><body>
<h1>Spoken digits</h1>
<p class="quiet">${results.parameters.toLocaleString('en')} parameters, trained in ${results.trainingSeconds.toFixed(0)} s on ${escapeHtml(`${name} ${version}, ${precision}, ${threads} threads`)}</p>
${results.tests.map((t) => `<p class="wer">${escapeHtml(errorLine(t))}</p>`).join('\n')}
<h2>Learning curves</h2>
<div class="charts"><div id="objective"></div><div id="second"></div></div>
<p class="quiet">Dotted lines: the network has aligned the training data anew.</p>
${results.tests.map(testSection).join('\n')}
<h2>Three utterances</h2>
<p class="quiet">Log-mel features, low frequencies at the bottom, with the digits where the network found them.</p>
${figures.map((f) => f.html).join('\n')}
<script>${script}</script>
<script>
const curves = ${embed(curveData(results.epochs))};
const spectrograms = ${embed(figures.map((f) => f.data))};
${curveScript}
${spectrogramScript}
</script>
</body></html>
`;
}
