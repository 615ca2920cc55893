import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@jebena/engine';
import { recogniserFrom, unpackModel } from '@jebena/decode-looped';
import { AcousticModel } from '@jebena/graph';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, testBrowser } from '../../../test/support/chromium.js';
import { testShared } from '../../../test/support/shared.js';
import { browserThatHears, chainModel, makeSite, openPage, waveOf, writeRecording } from './support/site.js';

let folder = '';
let site = '';
let free = (): void => undefined;
beforeAll(async () => {
  ({ folder, free } = await makeSite());
  site = join(folder, 'site');
});
afterAll(() => free());

/** On a machine that does other things besides. */
const longest = 180_000;

/** Where there are both a browser and Kaldi's model. */
const testPage: typeof test = ((name: string, ...rest: unknown[]) => {
  const both = testShared === test ? testBrowser : testShared;
  (both as (...all: unknown[]) => void)(name, ...rest);
}) as typeof test;

const file = (name: string, buffer: Uint8Array): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(buffer),
});

/** What comes to be, in time. */
const eventually = <T>(look: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(look, { timeout: 150_000, interval: 50 });

const text = async (page: Page, id: string): Promise<string> => ((await page.textContent(`#${id}`)) ?? '').trim();
const ready = (page: Page): Promise<unknown> => page.waitForSelector('body[data-state=ready]');
/** What was heard, a line each. */
const lines = (page: Page): Promise<string[]> =>
  page.$$eval('#finals li > span', (all) => all.map((one) => (one.textContent ?? '').trim()));

async function loadModel(page: Page): Promise<void> {
  await page.setInputFiles('#model-files', [file('chain.zip', chainModel())]);
  await ready(page);
}

testBrowser(
  'without a model the page says so, and what is no model is told in one line',
  async () => {
    const browser = await openBrowser();
    try {
      const { page, problems } = await openPage(browser, site);
      await eventually(() => text(page, 'model-state')).toBe('No model yet.');
      for (const id of ['listen-button', 'train', 'record']) expect(await page.isDisabled(`#${id}`)).toBe(true);
      // What is not there beside the page is not offered.
      expect(await page.isVisible('#model-digits')).toBe(false);
      for (const [files, message] of [
        [[file('notes.txt', new Uint8Array(40))], "model: expected a zip file of a model's folder, found none"],
        [[file('final.mdl', Uint8Array.of(0, 66, 1, 2))], 'model/final.mdl, byte 2: expected'],
        [[file('words.txt', new Uint8Array(0)), file('tree', new Uint8Array(0))], 'with final.mdl in it, found none'],
      ] as const) {
        await page.setInputFiles('#model-files', [...files]);
        await eventually(() => text(page, 'error')).toContain(message);
        expect(await text(page, 'error')).not.toContain('\n');
        expect(await text(page, 'model-state')).toBe('No model yet.');
      }
      // The one request that found nothing asked whether there is a model beside the page.
      expect(problems.filter((p) => !p.includes('404'))).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  longest,
);

testPage(
  'recognises a recording, the same words as in Node, and saves them in each format',
  async () => {
    const browser = await openBrowser();
    try {
      const { page, problems } = await openPage(browser, site);
      await loadModel(page);
      expect(await text(page, 'model-state')).toMatch(
        /^Ready: chain\.zip, 10 words, .* parameters, 8 kHz, on tfjs-wasm\.$/,
      );
      const wave = readFileSync(
        join(import.meta.dirname, '../../../../shared/golden/decode/online/wav/theo-t0001.wav'),
      );
      await page.setInputFiles('#listen-file', [file('theo.wav', wave)]);
      await eventually(() => lines(page)).toEqual(['zero seven nine']);
      await ready(page);
      // Times and all, as the same code gives them in Node.
      const files = unpackModel(chainModel());
      const recogniser = recogniserFrom((name) => files.get(name), await createEngine(), { framesPerChunk: 10 });
      const stream = recogniser.events(8000);
      const { samples } = waveOf('theo-t0001');
      const [wanted] = [...(await stream.push(samples)), ...(await stream.finish())].flatMap((e) =>
        e.type === 'final' ? [e] : [],
      );
      await page.click('summary');
      const rows = await page.$$eval('#times tr', (all) =>
        all.map((r) => [...r.children].map((c) => c.textContent ?? '')),
      );
      expect(rows.map((r) => r.slice(0, 3))).toEqual(
        wanted!.words.map((w) => [w.word, w.begin.toFixed(2), w.end.toFixed(2)]),
      );
      for (const [format, start] of [
        ['text', 'zero seven nine\n'],
        ['json', '{"key":"theo.wav","text":"zero seven nine"'],
        ['srt', '1\n00:00:00,'],
        ['vtt', 'WEBVTT\n\n00:00:00.'],
      ]) {
        const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-format=${format}]`)]);
        expect(readFileSync(await download.path(), 'utf8')).toContain(start);
      }
      await page.setInputFiles('#listen-file', [file('torn.wav', wave.subarray(0, 30))]);
      await eventually(() => text(page, 'error')).toMatch(/^torn\.wav, byte \d+: expected/);
      expect(problems.filter((p) => !p.includes('404'))).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  longest,
);

testPage(
  'hears the microphone as it is spoken into',
  async () => {
    const path = join(folder, 'microphone.wav');
    writeRecording(path, ['theo-t0001', 'george-t0000'], 1.2);
    const browser = await browserThatHears(path);
    try {
      const { page, problems } = await openPage(browser, site);
      await loadModel(page);
      await page.click('#listen-button');
      await eventually(() => text(page, 'partial')).toMatch(/^zero/);
      expect(await text(page, 'listen-button')).toBe('Stop');
      expect(await page.isDisabled('#train')).toBe(true);
      await eventually(() => lines(page)).toEqual(['zero seven nine', 'zero one nine six']);
      await page.click('#listen-button');
      await ready(page);
      expect(await lines(page)).toEqual(['zero seven nine', 'zero one nine six']);
      expect(await text(page, 'listen-button')).toBe('Listen');
      expect(problems.filter((p) => !p.includes('404'))).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  longest,
);

testPage(
  'a microphone that is denied is told in one line',
  async () => {
    const browser = await openBrowser(['--use-fake-device-for-media-stream', '--deny-permission-prompts']);
    try {
      const { page } = await openPage(browser, site);
      await loadModel(page);
      await page.click('#listen-button');
      await eventually(() => text(page, 'error')).toBe('expected to be allowed the microphone, found it denied');
      expect(await text(page, 'listen-button')).toBe('Listen');
      expect(await page.isEnabled('#listen-button')).toBe(true);
    } finally {
      await browser.close();
    }
  },
  longest,
);

testPage(
  'learns a word and a voice, and gives the new model away',
  async () => {
    const browser = await openBrowser();
    try {
      const { page, problems } = await openPage(browser, site);
      await loadModel(page);
      await page.fill('#add-word', 'ohone');
      await page.fill('#add-phones', 'Z OW');
      await page.click('#add-form button[type=submit]');
      await eventually(() => page.locator('#known li.added').count()).toBe(1);
      await page.fill('#add-word', 'bad');
      await page.fill('#add-phones', 'Z QQ');
      await page.click('#add-form button[type=submit]');
      await eventually(() => text(page, 'error')).toBe("word 'bad': expected phones of the model, found 'QQ'");
      expect(await text(page, 'model-state')).toContain('11 words');

      const wave = readFileSync(
        join(import.meta.dirname, '../../../../shared/golden/decode/online/wav/theo-t0001.wav'),
      );
      await page.fill('#prompt', 'zero seven elephants');
      await page.setInputFiles('#take-file', [file('theo.wav', wave)]);
      await eventually(() => text(page, 'error')).toBe("expected words that the model knows, found 'elephants'");
      // Taught on purpose that the speaker's 'seven' is called 'six'.
      await page.fill('#prompt', 'zero six nine');
      await page.setInputFiles('#take-file', [file('theo.wav', wave)]);
      await eventually(() => page.locator('#takes li').count()).toBe(1);
      await ready(page);
      await page.click('#train');
      await eventually(() => text(page, 'train-state')).toMatch(/^Done in/);
      const [, before, after, wrongBefore, wrongNow] =
        /loss ([\d.]+) before, ([\d.]+) now; takes heard wrong: (\d) before, (\d) now/.exec(
          await text(page, 'train-state'),
        )!;
      expect(Number(after)).toBeLessThan(0.3 * Number(before));
      expect([wrongBefore, wrongNow]).toEqual(['1', '0']);
      expect(await page.$eval('#curve polyline', (line) => line.getAttribute('points')!.split(' ').length)).toBe(100);
      await ready(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#train-download')]);
      const tuned = unpackModel(new Uint8Array(readFileSync(await download.path())));
      const old = unpackModel(chainModel());
      expect(Buffer.compare(tuned.get('final.mdl')!, old.get('final.mdl')!)).not.toBe(0);
      expect(new TextDecoder().decode(tuned.get('words.txt'))).toContain('ohone');
      expect(AcousticModel.fromBytes(tuned.get('final.mdl')!).network.parameterCount).toBe(
        AcousticModel.fromBytes(old.get('final.mdl')!).network.parameterCount,
      );

      // The new model is in use until the old one is asked for.
      const hear = async (): Promise<string | undefined> => {
        await page.setInputFiles('#listen-file', [file('theo.wav', wave)]);
        await page.waitForFunction(() => document.body.dataset['state'] === 'ready');
        return (await lines(page)).at(-1);
      };
      expect(await hear()).toBe('zero six nine');
      await page.click('#train-undo');
      await eventually(() => text(page, 'train-state')).toContain('again what it was');
      await ready(page);
      await page.click('#clear');
      expect(await hear()).toBe('zero seven nine');
      expect(problems.filter((p) => !p.includes('404'))).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  longest,
);
