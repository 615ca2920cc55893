import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { readModelFiles } from '@jebena/decode-looped/node';
import { packModel } from '@jebena/decode-looped';
import { KaldiOutput, readWave, writeWaveTo } from '@jebena/io-ark';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../../../test/support/chromium.js';
import { shared } from '../../../../test/support/shared.js';
import { buildPage } from '../../build-page.mjs';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.zip': 'application/zip',
};

/** The page, bundled once into a folder of its own. */
export async function makeSite(): Promise<{ folder: string; free: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-page-'));
  await buildPage({ out: join(folder, 'site'), model: join(folder, 'none') });
  return { folder, free: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Kaldi's chain model of the digits as the page takes it, words to be added and all. */
export function chainModel(): Uint8Array {
  const files = new Map<string, Uint8Array>();
  const all = readModelFiles(shared('golden/decode'));
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt', 'phones.txt']) files.set(name, all.get(name)!);
  files.set('tree', new Uint8Array(readFileSync(shared('golden/chain/tree'))));
  files.set('mfcc.conf', new Uint8Array(readFileSync(shared('golden/decode/online/mfcc_hires.conf'))));
  const conf = '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3\n';
  return packModel(files.set('recogniser.conf', new TextEncoder().encode(conf)));
}

/** Samples of one of the waves that Kaldi's online decoder was given. */
export function waveOf(key: string): { samples: Float32Array; sampleRate: number } {
  const { channels, sampleRate } = readWave(readFileSync(shared('golden/decode/online/wav', `${key}.wav`)));
  return { samples: channels[0]!, sampleRate };
}

/** Waves one after the other with silence before, between and after, as one file for a microphone to play. */
export function writeRecording(path: string, keys: readonly string[], pause: number): void {
  const waves = keys.map(waveOf);
  const { sampleRate } = waves[0]!;
  const gap = new Float32Array(Math.round(pause * sampleRate));
  const parts = [gap, ...waves.flatMap(({ samples }) => [samples, gap])];
  const samples = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const output = new KaldiOutput({ binary: true, mark: false });
  writeWaveTo(output, { sampleRate, channels: [samples] });
  writeFileSync(path, output.bytes());
}

/** A browser whose microphone plays a file once. */
export const browserThatHears = (path: string): Promise<Browser> =>
  openBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${path}%noloop`,
    '--autoplay-policy=no-user-gesture-required',
  ]);

/** Opens the page as if from a server; what goes wrong in it is gathered. */
export async function openPage(
  browser: Browser,
  site: string,
  settings: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await context.route('https://jebena.test/**', (route) => {
    const { pathname } = new URL(route.request().url());
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    try {
      return route.fulfill({
        contentType: types[extname(name)] ?? 'application/octet-stream',
        body: readFileSync(join(site, name)),
      });
    } catch {
      return route.fulfill({ status: 404, body: '' });
    }
  });
  await page.goto('https://jebena.test/');
  return { page, problems };
}
