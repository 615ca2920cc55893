import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pythonWith, runPython } from '../../test/support/python.mjs';

/** What the peer does, in a process of its own: one stream, and a hundred that are decoded together. */
const script = `
const { readFileSync } = require('node:fs');
const { OnlineRecognizer } = require('sherpa-onnx-node');
const [folder, sampleRate] = [process.argv[2], Number(process.argv[3])];
const bytes = readFileSync(folder + '/samples.f32');
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const [encoder, decoder, joiner] = ['encoder', 'decoder', 'joiner'].map((name) => folder + '/' + name + '.onnx');
const recognizer = new OnlineRecognizer({
  featConfig: { sampleRate, featureDim: 40 },
  modelConfig: { transducer: { encoder, decoder, joiner }, tokens: folder + '/tokens.txt', numThreads: 2, provider: 'cpu', debug: 0, modelType: 'lstm' },
  decodingMethod: 'greedy_search',
  enableEndpoint: 1,
});
const piece = sampleRate / 5;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
function run(count, seconds) {
  const streams = Array.from({ length: count }, (_, i) => ({ stream: recognizer.createStream(), from: Math.floor((i / count) * samples.length) }));
  const [begun, before] = [performance.now(), cpu()];
  for (let n = 0; n < seconds * sampleRate; n += piece) {
    for (const { stream, from } of streams) {
      const at = (from + n) % (samples.length - piece);
      stream.acceptWaveform({ samples: samples.subarray(at, at + piece), sampleRate });
    }
    for (;;) {
      const ready = streams.filter(({ stream }) => recognizer.isReady(stream)).map(({ stream }) => stream);
      if (ready.length === 0) break;
      for (let i = 0; i < ready.length; i += 32) recognizer.decodeStreams(ready.slice(i, i + 32));
    }
    for (const { stream } of streams) recognizer.isEndpoint(stream) && recognizer.reset(stream);
    for (const { stream } of streams) recognizer.getResult(stream);
  }
  return { wall: (performance.now() - begun) / 1000, cpu: cpu() - before };
}
run(1, 2);
console.log(JSON.stringify({ one: run(1, 20), many: run(100, 6) }));
`;

/** sherpa-onnx of npm: its folder of node_modules, installed once; or why not. */
function installed() {
  const home = resolve(import.meta.dirname, '../../node_modules/.cache/jebena-sherpa-onnx');
  if (existsSync(join(home, 'node_modules/sherpa-onnx-node'))) return { home };
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"private": true}\n');
  const run = spawnSync('npm', ['install', '--silent', '--no-audit', 'sherpa-onnx-node@1.13.8'], {
    cwd: home,
    timeout: 100_000,
  });
  return run.status === 0 ? { home } : { skip: 'npm could not install sherpa-onnx-node' };
}

/**
 * A peer: sherpa-onnx with a streaming transducer of random weights and about as many parameters.
 *
 * @param ours streams that ours would run in real time, for the ratio
 */
export async function sherpaOnnx({ samples, sampleRate }, ours) {
  const { home, skip } = installed();
  const { python, skip: without } = skip ? {} : pythonWith('onnx==1.19.1', 'numpy==2.3.5');
  if (!python) return console.log(`sherpa-onnx: skipped, ${skip ?? without}`);
  const folder = mkdtempSync(join(tmpdir(), 'jebena-sherpa-'));
  try {
    const parameters = Number(
      runPython(python, readFileSync(join(import.meta.dirname, 'sherpa-model.py'), 'utf8'), folder),
    );
    // It takes samples from -1 to 1.
    writeFileSync(join(folder, 'samples.f32'), new Uint8Array(samples.map((s) => s / 32768).buffer));
    writeFileSync(join(home, 'bench.cjs'), script);
    const env = { ...process.env, LD_LIBRARY_PATH: join(home, 'node_modules', `sherpa-onnx-linux-${process.arch}`) };
    const run = spawnSync(process.execPath, ['bench.cjs', folder, String(sampleRate)], {
      cwd: home,
      env,
      encoding: 'utf8',
      timeout: 120_000,
    });
    const last = run.stdout.trim().split('\n').at(-1);
    if (run.status !== 0 || !last?.startsWith('{'))
      return console.log(`sherpa-onnx: skipped, it failed: ${run.stderr.trim().split('\n').at(-1)}`);
    const { one, many } = JSON.parse(last);
    const theirs = 600 / many.wall;
    console.log(
      `sherpa-onnx 1.13.8, an LSTM transducer of random weights, ${(parameters / 1e6).toFixed(1)} million parameters, greedy: real-time factor ` +
        `${(one.wall / 20).toFixed(3)} (CPU ${(one.cpu / 20).toFixed(3)}); of 100 streams, 32 decoded at once, ${theirs.toFixed(0)} would run in real time ` +
        `(${(600 / many.cpu).toFixed(0)} a CPU core); ours ${(ours / theirs).toFixed(2)} times as many`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
