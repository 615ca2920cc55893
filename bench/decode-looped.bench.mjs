import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';
import { readWave } from '@jebena/io-ark';
import { sherpaOnnx } from './support/sherpa-onnx.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const golden = resolve(import.meta.dirname, '../../shared/golden');
/** A recogniser's folder: that of JEBENA_MODEL, or Kaldi's chain model of digits (0.6 million parameters). */
function modelFolder() {
  if (process.env.JEBENA_MODEL) return { folder: process.env.JEBENA_MODEL, done: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt'])
    copyFileSync(join(golden, 'decode', name), join(folder, name));
  copyFileSync(join(golden, 'decode/online/mfcc_hires.conf'), join(folder, 'mfcc.conf'));
  const conf = '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3\n--endpoint.silence-phones=1\n';
  writeFileSync(join(folder, 'recogniser.conf'), conf);
  // So that words end where their last phone does.
  const number = (file) =>
    new Map(
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)),
    );
  const [words, phones] = [number(join(golden, 'decode/words.txt')), number(join(golden, 'decode/phones.txt'))];
  const lexicon = readFileSync(join(golden, 'hmm/lexicon.txt'), 'utf8').trim().split('\n');
  const entries = lexicon
    .map((line) => line.split(/\s+/))
    .map(([word, ...said]) => {
      const label = words.get(word);
      return [label, label, ...said.map((phone) => phones.get(phone))].join(' ');
    });
  writeFileSync(join(folder, 'align_lexicon.int'), `0 0 ${phones.get('SIL')}\n${entries.join('\n')}\n`);
  return { folder, done: () => rmSync(folder, { recursive: true }) };
}

/** Six recordings of digits with two seconds of faint noise after each. */
function speech() {
  const folder = join(golden, 'decode/online/wav');
  const waves = readdirSync(folder).map((name) => readWave(readFileSync(join(folder, name))));
  const { sampleRate } = waves[0];
  let state = 1;
  const parts = waves.flatMap(({ channels }) => [
    channels[0],
    Float32Array.from(
      { length: 2 * sampleRate },
      () => (((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16) % 9) - 4,
    ),
  ]);
  return { samples: Float32Array.from(parts.flatMap((p) => [...p])), sampleRate };
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (seconds) => `${(1000 * seconds).toFixed(0)} ms`;

/** Seconds of silence that the rules of end-pointing ask for. */
const silenceOf = { 2: 0.5, 3: 1, 4: 2 };

/** One stream, pushed as a microphone would, 50 ms at a time: how late it tells what it heard. */
async function one(open, { samples, sampleRate }, framesPerChunk) {
  const recogniser = open({ framesPerChunk });
  const piece = sampleRate / 20;
  const finals = [];
  const partials = [];
  let words = 0;
  const run = async () => {
    finals.length = partials.length = 0;
    const stream = recogniser.events(sampleRate);
    const [begun, cpu] = [performance.now(), cpuSeconds()];
    let told = [];
    for (let at = 0; at < samples.length; at += piece) {
      const before = performance.now();
      const events = await stream.push(samples.subarray(at, at + piece));
      const now = (at + piece) / sampleRate + (performance.now() - before) / 1000;
      for (const event of events)
        if (event.type === 'partial') event.text.split(' ').forEach((_, i) => (told[i] ??= now));
        else {
          event.words.forEach(({ end }, i) => told[i] !== undefined && partials.push(told[i] - end));
          if (event.words.length > 0 && event.rule) finals.push(now - event.words.at(-1).end - silenceOf[event.rule]);
          told = [];
        }
    }
    words = finals.length;
    await stream.finish();
    return { wall: (performance.now() - begun) / 1000, cpu: cpuSeconds() - cpu };
  };
  await run();
  const times = [await run(), await run(), await run()];
  recogniser.dispose();
  const seconds = samples.length / sampleRate;
  const [wall, cpu] = [median(times.map((t) => t.wall)), median(times.map((t) => t.cpu))];
  console.log(
    `chunks of ${framesPerChunk} frames: real-time factor ${(wall / seconds).toFixed(3)} (CPU ${(cpu / seconds).toFixed(3)}); ` +
      `from a word's end to the partial result with it ${ms(median(partials))}, to the final one ` +
      `${ms(median(finals))} after the silence that its rule asks for (${words} finals)`,
  );
}

/** Many streams that each push 0.2 s at the same time, as fast as they are answered: how many would keep up. */
async function many(open, { samples, sampleRate }, streams, maxBatch) {
  const recogniser = open({ maxBatch, framesPerChunk: 20 });
  const seconds = 6;
  const piece = sampleRate / 5;
  const run = async (length) => {
    const all = Array.from({ length: streams }, (_, i) => {
      // Each at its own place, so that they do not say the same at once.
      const from = Math.floor((i / streams) * samples.length);
      return { stream: recogniser.events(sampleRate), at: (n) => (from + n) % (samples.length - piece) };
    });
    const [begun, cpu] = [performance.now(), cpuSeconds()];
    let slowest = 0;
    for (let n = 0; n < length * sampleRate; n += piece) {
      const before = performance.now();
      await Promise.all(all.map(({ stream, at }) => stream.push(samples.subarray(at(n), at(n) + piece))));
      slowest = Math.max(slowest, performance.now() - before);
    }
    const times = { wall: (performance.now() - begun) / 1000, cpu: cpuSeconds() - cpu, slowest };
    for (const { stream } of all) stream.dispose();
    return times;
  };
  await run(1);
  const times = await run(seconds);
  recogniser.dispose();
  const audio = streams * seconds;
  return { inRealTime: audio / times.wall, perCpu: audio / times.cpu, slowest: times.slowest / 1000 };
}

async function hour(open, { samples, sampleRate }) {
  const recogniser = open({ framesPerChunk: 50 });
  const stream = recogniser.events(sampleRate);
  const piece = sampleRate;
  const memory = [];
  const begun = performance.now();
  let finals = 0;
  for (let second = 0; second < 3600; second++) {
    const at = (second * piece) % (samples.length - piece);
    for (const event of await stream.push(samples.subarray(at, at + piece))) if (event.type === 'final') finals++;
    if (second % 600 === 300 || second === 3599) {
      collectGarbage();
      const { heapUsed, external, rss } = process.memoryUsage();
      memory.push([(heapUsed + external) / 2 ** 20, rss / 2 ** 20, recogniser.parts.engine.liveTensors()]);
    }
  }
  stream.dispose();
  recogniser.dispose();
  const column = (i) => memory.map((m) => m[i].toFixed(i === 2 ? 0 : 1)).join(', ');
  console.log(
    `an hour in one stream (${((performance.now() - begun) / 1000).toFixed(0)} s, ${finals} segments), every ten minutes: ` +
      `heap ${column(0)} MB, process ${column(1)} MB, tensors ${column(2)}; heap grew by ${(memory.at(-1)[0] - memory[0][0]).toFixed(1)} MB`,
  );
}

export default async function run() {
  if (!process.env.JEBENA_MODEL && !existsSync(golden)) return console.log('skipped: there is no ../shared');
  const engine = await createEngine({ engine: process.env.JEBENA_ENGINE ?? 'auto' });
  const { folder, done } = modelFolder();
  const open = (changes) => readRecogniser(folder, engine, changes);
  const heard = speech();
  console.log(
    `engine ${engine.name} ${engine.version}, ${engine.threads} threads; ${(heard.samples.length / heard.sampleRate).toFixed(0)} s of speech`,
  );
  for (const framesPerChunk of [10, 20, 50]) await one(open, heard, framesPerChunk);
  const rates = {};
  for (const [streams, maxBatch] of [
    [100, 1],
    [100, 32],
  ]) {
    const got = (rates[maxBatch] = await many(open, heard, streams, maxBatch));
    console.log(
      `${streams} streams at once, ${maxBatch === 1 ? 'each computed by itself' : `up to ${maxBatch} computed at once`}: ` +
        `${got.inRealTime.toFixed(0)} would run in real time (${got.perCpu.toFixed(0)} a CPU core); slowest answer ${ms(got.slowest)}`,
    );
  }
  console.log(`batches: ${(rates[32].inRealTime / rates[1].inRealTime).toFixed(2)} times the streams`);
  await sherpaOnnx(heard, rates[32].inRealTime);
  await hour(open, heard);
  done();
}
