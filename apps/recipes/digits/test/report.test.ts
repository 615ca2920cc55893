import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect } from 'vitest';
import { openBrowser, testBrowser } from '../../../../test/support/chromium.js';
import { scoreHypotheses } from '../evaluate.js';
import { reportPage } from '../report/page.js';
import type { DigitsResults } from '../results.js';
import type { Utterance } from '../utterance.js';

const out = mkdtempSync(join(tmpdir(), 'jebena-report-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const shown: Utterance[] = ['a', 'b', 'c'].map((id, k) => ({
  id: `<${id}>`,
  speaker: id,
  words: ['one', 'two'],
  feats: {
    rows: 120,
    cols: 40,
    data: Float32Array.from({ length: 4800 }, (_, i) => 10 + 4 * Math.sin(i / 40 / (5 + k)) + Math.cos(i % 40)),
  },
}));
const hypotheses = shown.map(({ id, speaker, words }, k) => ({
  id,
  speaker,
  reference: words,
  words: k === 0 ? ['one', 'nine', 'two'] : words,
  times: (
    [
      [10, 40],
      [50, 80],
      [85, 110],
    ] as const
  ).slice(0, k === 0 ? 3 : 2),
}));
const results: DigitsResults = {
  options: {},
  engine: { name: 'tensorflow', version: '2', precision: 'float32', threads: 2 },
  parameters: 1234567,
  epochs: [0, 0, 1, 1].map((round, i) => ({
    round,
    epoch: i & 1,
    objective: -2 / (i + 1),
    accuracy: 0.2 * (i + 1),
    learningRate: 1e-3,
    frames: 1000,
    seconds: 1,
    waitingSeconds: 0,
  })),
  tests: [scoreHypotheses('test', hypotheses)],
  trainingSeconds: 12,
};

testBrowser('the report draws itself in a browser, without the network', async () => {
  const path = join(out, 'report.html');
  writeFileSync(path, reportPage(results, shown));
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => request.url().startsWith('file:') || problems.push(`asks for ${request.url()}`));
    await page.goto(pathToFileURL(path).href);
    expect(problems).toEqual([]);
    expect(await page.locator('body').getAttribute('data-drawn')).toBe('3');
    expect(await page.locator('.uplot').count()).toBe(2);
    expect(await page.locator('.wer').textContent()).toBe('WER test 16.67 % [ 1 / 6, 1 ins, 0 del, 0 sub ]');
    expect(await page.locator('.confusion td.miss').count()).toBe(1);
    // Something was drawn: more than a few colours in the first picture.
    const colours = await page.evaluate(`(() => {
      const c = document.querySelector('canvas.spectrogram');
      const d = c.getContext('2d').getImageData(0, 40, c.width, 60).data;
      return new Set(Array.from({ length: d.length / 4 }, (_, i) => d[4 * i] * 65536 + d[4 * i + 1] * 256 + d[4 * i + 2])).size;
    })()`);
    expect(colours).toBeGreaterThan(20);
    if (process.env['JEBENA_SCREENSHOTS'])
      await page.screenshot({ path: join(process.env['JEBENA_SCREENSHOTS'], 'report.png'), fullPage: true });
  } finally {
    await browser.close();
  }
});
