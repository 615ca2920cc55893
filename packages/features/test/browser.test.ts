import { resolve } from 'node:path';
import { Mfcc } from '@jebena/features';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { openBrowser, testBrowser } from '../../../test/support/chromium.js';

/** An AudioWorklet that computes features of what it hears, 128 samples at a time. */
const processor = `
import { Mfcc } from '@jebena/features';
declare const registerProcessor: any, AudioWorkletProcessor: any;
registerProcessor('mfcc', class extends AudioWorkletProcessor {
  online = new Mfcc({ dither: 0 }).online();
  process([[samples]]: Float32Array[][]) {
    if (samples) this.port.postMessage(this.online.push(samples.map((x) => x * 32768)).data);
    return true;
  }
});`;

testBrowser('an AudioWorklet of a real browser computes the same features, bit for bit', async () => {
  const { outputFiles } = await build({
    stdin: { contents: processor, loader: 'ts', resolveDir: resolve(import.meta.dirname, '..') },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
  });
  const samples = Array.from({ length: 12800 }, (_, n) => Math.fround(0.3 * Math.sin(n / 9) * Math.sin(n / 700)));
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    // Worklets are for secure pages alone; this one never leaves the machine.
    await page.route('https://jebena.test/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>worklet</title>' }),
    );
    await page.goto('https://jebena.test/');
    const found = await page.evaluate(hear, { code: outputFiles[0]!.text, samples });
    const wanted = new Mfcc({ dither: 0 }).compute(Float32Array.from(samples, (x) => x * 32768));
    expect(found.length).toBeGreaterThan(900);
    expect(found).toEqual([...wanted.data.subarray(0, found.length)]);
  } finally {
    await browser.close();
  }
});

/** Runs in the page: plays the samples through the worklet and gives the values that it posts. */
async function hear({ code, samples }: { code: string; samples: number[] }): Promise<number[]> {
  const context = new OfflineAudioContext(1, samples.length, 16000);
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  const source = context.createBufferSource();
  source.buffer = context.createBuffer(1, samples.length, 16000);
  source.buffer.copyToChannel(Float32Array.from(samples), 0);
  const node = new AudioWorkletNode(context, 'mfcc');
  const values: number[] = [];
  node.port.addEventListener('message', ({ data }: MessageEvent<Float32Array>) => values.push(...data));
  node.port.start();
  source.connect(node).connect(context.destination);
  source.start();
  await context.startRendering();
  await new Promise((done) => setTimeout(done, 500));
  return values;
}
