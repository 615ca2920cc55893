import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecogniser, RecognitionServer } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';
import { KaldiOutput, writeWaveTo } from '@jebena/io-ark';
import { afterAll, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../../../test/support/chromium.js';
import { testShared } from '../../../test/support/shared.js';
import { fillChainFolder, quiet, waves } from './support/chain-model.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-server-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

const testPage = hasBrowser ? testShared : test.skip;
/** On a machine that does other things besides. */
const longest = 150_000;

/** Two of the waves with faint noise around them. */
function writeRecording(path: string): void {
  const all = new Map(waves());
  const { sampleRate } = all.get('theo-t0001')!;
  const gap = quiet(1.2 * sampleRate);
  const parts = [gap, all.get('theo-t0001')!.channels[0]!, gap, all.get('george-t0000')!.channels[0]!, gap, gap];
  const samples = Float32Array.from(parts.flatMap((part) => [...part]));
  const output = new KaldiOutput({ binary: true, mark: false });
  writeWaveTo(output, { sampleRate, channels: [samples] });
  writeFileSync(path, output.bytes());
}

testPage(
  'the page of a server hears a microphone, and says when it may not',
  async () => {
    const path = join(folder, 'microphone.wav');
    writeRecording(path);
    const server = await RecognitionServer.start(readRecogniser(fillChainFolder(folder), await createEngine()), {
      port: 0,
      token: 'sesame',
    });
    const browser = await openBrowser([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${path}%noloop`,
    ]);
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      const lines = (): Promise<string[]> =>
        page.$$eval('#finals li > span', (all) => all.map((one) => one.textContent ?? ''));
      const eventually = <T>(look: () => T): ReturnType<typeof expect.poll<T>> =>
        expect.poll(look, { timeout: longest, interval: 50 });

      // Refused without the word, and the page can be used again.
      await page.goto(server.url);
      await page.click('#button');
      await eventually(() => page.textContent('#error')).toContain('found it refused');
      expect(await page.textContent('#button')).toBe('Listen');

      await page.goto(`${server.url}?token=sesame`);
      await page.click('#button');
      await eventually(() => page.textContent('#partial')).toMatch(/^zero/);
      expect(await page.textContent('#button')).toBe('Stop');
      await eventually(lines).toEqual(['zero seven nine', 'zero one nine six']);
      await page.click('#button');
      await eventually(() => page.textContent('#button')).toBe('Listen');
      expect(await page.textContent('#error')).toBe('');
      expect(await lines()).toEqual(['zero seven nine', 'zero one nine six']);
      expect(problems).toEqual([]);
      await eventually(() => server.sessions).toBe(0);
      if (process.env['JEBENA_SCREENSHOTS'])
        await page.screenshot({ path: join(process.env['JEBENA_SCREENSHOTS'], 'serve.png') });
    } finally {
      await browser.close();
      await server.stop();
    }
  },
  longest,
);
