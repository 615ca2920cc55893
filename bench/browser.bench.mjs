// The recogniser in headless Chromium's worker: real-time factor, beside the same code and engine in Node; how long
// after its end a word is first shown, samples coming in real time. The model is that of `npm start` where there is
// one (out/digits/model, or JEBENA_BENCH_MODEL), else Kaldi's chain model; the speech is that of ../shared.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packModel, recogniserFrom, unpackModel } from '@jebena/decode-looped';
import { readModelFiles } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine';
import { readWave } from '@jebena/io-ark';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { buildPage } from '../apps/browser/build-page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shared = join(root, '../shared/golden');
const executablePath = [process.env['JEBENA_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const rounds = 3;
const framesPerChunk = 10;
/** Seconds of sound in a piece, as the microphone gives them. */
const piece = 0.05;

function chainModel() {
  const files = new Map();
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt', 'phones.txt'])
    files.set(name, readFileSync(join(shared, 'decode', name)));
  files.set('mfcc.conf', readFileSync(join(shared, 'decode/online/mfcc_hires.conf')));
  const conf = '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3\n';
  return files.set('recogniser.conf', new TextEncoder().encode(conf));
}

/** All waves with pauses between. */
function speech() {
  const folder = join(shared, 'decode/online/wav');
  const waves = readdirSync(folder).map((name) => readWave(readFileSync(join(folder, name))));
  const { sampleRate } = waves[0];
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return ((state >> 16) % 9) - 4;
  };
  const gap = () => Array.from({ length: 1.2 * sampleRate }, noise);
  return { samples: Float32Array.from([...gap(), ...waves.flatMap((w) => [...w.channels[0], ...gap()])]), sampleRate };
}

/** What the page does; `createRecogniser` is there. */
const script = `
import { createRecogniser } from '@jebena/decode-looped/browser';
const cut = function* (samples, size) {
  for (let at = 0; at < samples.length; at += size) yield samples.slice(at, at + size);
};
globalThis.prepare = async (model, options) => {
  const worker = new Worker('worker.js', { type: 'module' });
  const begun = performance.now();
  globalThis.recogniser = await createRecogniser({ worker, model: Uint8Array.from(model), options });
  return (performance.now() - begun) / 1000;
};
globalThis.recogniseAtOnce = async (values, sampleRate) => {
  const samples = Float32Array.from(values);
  const begun = performance.now();
  const texts = [];
  for await (const event of recogniser.recogniseStream({ sampleRate })(cut(samples, sampleRate / 5)))
    if (event.type === 'final' && event.text) texts.push(event.text);
  return { seconds: (performance.now() - begun) / 1000, texts };
};
/** Seconds between a word's end in the sound and its first being shown, samples coming in real time. */
globalThis.latencies = async (values, sampleRate, piece) => {
  const samples = Float32Array.from(values);
  const begun = performance.now();
  const live = async function* () {
    let at = 0;
    for (const part of cut(samples, sampleRate * piece)) {
      at += part.length;
      const wait = begun + (1000 * at) / sampleRate - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      yield part;
    }
  };
  const late = [];
  let shown = [];
  for await (const event of recogniser.recogniseStream({ sampleRate })(live())) {
    const now = (performance.now() - begun) / 1000;
    if (event.type === 'partial') {
      // A word that is changed is shown anew.
      const words = event.text.split(' ').filter(Boolean);
      shown = words.map((word, i) => (shown[i]?.word === word ? shown[i] : { word, at: now }));
    } else {
      event.words.forEach(({ word, end }, i) => late.push((shown[i]?.word === word ? shown[i].at : now) - end));
      shown = [];
    }
  }
  return late;
};`;

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export default async function () {
  if (!executablePath) return console.log('skipped: no chromium');
  if (!existsSync(shared)) return console.log('skipped: no speech in ../shared');
  const folder = process.env['JEBENA_BENCH_MODEL'] ?? join(root, 'out/digits/model');
  const trained = existsSync(join(folder, 'final.mdl'));
  const model = packModel(trained ? readModelFiles(folder) : chainModel());
  console.log(`model: ${trained ? 'of the digits recipe' : "Kaldi's chain model of the digits"}`);
  const { samples, sampleRate } = speech();
  const length = samples.length / sampleRate;
  const out = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  const { files } = await buildPage({ out, model: join(out, 'none') });
  const sum = (names, key) => files.filter((f) => names.test(f.name)).reduce((n, f) => n + f[key], 0) / 1000;
  console.log(
    `bundles: scripts ${sum(/\.js$/, 'bytes').toFixed(0)} kB (${sum(/\.js$/, 'gzipped').toFixed(0)} kB packed), ` +
      `WebAssembly with SIMD ${sum(/simd\.wasm$/, 'bytes').toFixed(0)} kB (${sum(/simd\.wasm$/, 'gzipped').toFixed(0)} kB packed)`,
  );
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: join(root, 'apps/browser') },
    bundle: true,
    format: 'esm',
    write: false,
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.route('https://jebena.test/**', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/')
        return route.fulfill({ contentType: 'text/html', body: '<script type="module" src="bench.js"></script>' });
      if (pathname === '/bench.js') return route.fulfill({ contentType: types['.js'], body: outputFiles[0].text });
      return route.fulfill({ contentType: types[extname(pathname)], body: readFileSync(join(out, pathname.slice(1))) });
    });
    await page.goto('https://jebena.test/');
    await page.waitForFunction(() => 'prepare' in globalThis);
    const loading = await page.evaluate(([m, o]) => prepare(m, o), [[...model], { framesPerChunk }]);
    console.log(`worker, engine and model are there after ${loading.toFixed(2)} s`);
    const given = [[...samples], sampleRate];
    const inChromium = [];
    let texts;
    for (let i = 0; i < rounds; i++) {
      const result = await page.evaluate(([v, r]) => recogniseAtOnce(v, r), given);
      inChromium.push(result.seconds / length);
      texts = result.texts;
    }
    const node = await inNode(model, samples, sampleRate);
    const best = Math.min(...inChromium);
    console.log(
      `real-time factor, best of ${rounds}: Chromium ${best.toFixed(3)} (goal 0.2), Node on the same engine ` +
        `${node.factor.toFixed(3)}: ${(node.factor / best).toFixed(2)}x; words ${String(texts) === String(node.texts) ? 'the same' : 'DIFFER'}`,
    );
    const late = await page.evaluate(([v, r, p]) => latencies(v, r, p), [...given, piece]);
    const ms = (seconds) => `${Math.round(1000 * seconds)} ms`;
    console.log(
      `a word is first shown ${ms(median(late))} after its end (median of ${late.length}; first ${ms(late[0])}, ` +
        `worst ${ms(Math.max(...late))}; goal 300 ms), ${framesPerChunk} frames at a time`,
    );
  } finally {
    await browser.close();
    rmSync(out, { recursive: true, force: true });
  }
}

async function inNode(model, samples, sampleRate) {
  const files = unpackModel(model);
  const recogniser = recogniserFrom((name) => files.get(name), await createEngine({ engine: 'tfjs-wasm' }), {
    framesPerChunk,
  });
  let best = Infinity;
  let texts = [];
  for (let i = 0; i < rounds; i++) {
    const begun = performance.now();
    const stream = recogniser.events(sampleRate);
    const events = [];
    for (let at = 0; at < samples.length; at += sampleRate / 5)
      events.push(...(await stream.push(samples.slice(at, at + sampleRate / 5))));
    events.push(...(await stream.finish()));
    best = Math.min(best, (performance.now() - begun) / 1000 / (samples.length / sampleRate));
    texts = events.filter((e) => e.type === 'final' && e.text).map((e) => e.text);
  }
  return { factor: best, texts };
}
