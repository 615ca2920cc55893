import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fbank, Random } from '@jebena/features';
import { pythonWith, runPython } from '../test/support/python.mjs';

const rate = 16000;
const seconds = 60;
const waves = 60;

const peerScript = (setUp) => `
import sys, json, time, numpy as np
${setUp}
x = np.fromfile(sys.argv[1], dtype='<f4').reshape(${waves}, -1)
def once():
    begun = time.perf_counter()
    for w in x: run(w)
    return time.perf_counter() - begun
print(json.dumps([min(once() for _ in range(3)), np.asarray(rows(x[0])).sum(axis=1).tolist()]))
`;

const knf = peerScript(`
import kaldi_native_fbank as knf
def run(w):
    o = knf.FbankOptions(); o.frame_opts.dither = 0; o.frame_opts.samp_freq = ${rate}; o.frame_opts.snip_edges = True
    o.mel_opts.num_bins = 40; o.mel_opts.low_freq = 20; o.mel_opts.high_freq = 0
    f = knf.OnlineFbank(o); f.accept_waveform(${rate}, w); f.input_finished()
    return f
def rows(w):
    f = run(w)
    return [f.get_frame(i) for i in range(f.num_frames_ready)]
`);

// torchaudio asks for the very CUDA that PyTorch was built with, which its Kaldi features, plain Python, do not need.
const torchaudio = peerScript(`
import importlib.util, types, torch
torch.set_num_threads(1)
stub = types.ModuleType('torchaudio')
stub.__path__ = list(importlib.util.find_spec('torchaudio').submodule_search_locations)
sys.modules['torchaudio'] = stub
from torchaudio.compliance import kaldi
def run(w): return kaldi.fbank(torch.from_numpy(w)[None], num_mel_bins=40, dither=0.0)
rows = run
`);

/** Filter banks of an hour of audio against kaldi-native-fbank and torchaudio, one thread each; memory over 1 and 10 hours. */
export default async function () {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  try {
    const random = new Random(1);
    const audio = Float32Array.from({ length: rate * seconds * waves }, () => random.uniform(-8000, 8000));
    const file = join(folder, 'hour.f32');
    writeFileSync(file, audio);
    const feature = new Fbank({ dither: 0, numMelBins: 40 });
    const wave = (i) => audio.subarray(i * rate * seconds, (i + 1) * rate * seconds);
    let ours = Infinity;
    for (let pass = 0; pass < 3; pass++) {
      const begun = performance.now();
      for (let i = 0; i < waves; i++) feature.compute(wave(i));
      ours = Math.min(ours, (performance.now() - begun) / 1000);
    }
    process.stdout.write(`fbank-40 of an hour at 16 kHz: ${ours.toFixed(2)} s\n`);
    const { rows, cols, data } = feature.compute(wave(0));
    const sums = Array.from({ length: rows }, (_, r) =>
      data.subarray(r * cols, (r + 1) * cols).reduce((a, b) => a + b, 0),
    );
    const { python, skip } = pythonWith('numpy==2.4.6', 'kaldi-native-fbank==1.23.0');
    against('kaldi-native-fbank', python, skip, knf, file, ours, sums);
    const torch = spawnSync('python3', [
      '-c',
      'import torch, numpy, importlib.util as u; assert u.find_spec("torchaudio")',
    ]);
    const missing = torch.status === 0 ? undefined : 'python3 cannot import torch and torchaudio';
    against('torchaudio', 'python3', missing, torchaudio, file, ours, sums);
  } finally {
    rmSync(folder, { recursive: true });
  }
  memory();
}

function against(name, python, skip, script, file, ours, sums) {
  if (skip) return process.stdout.write(`without ${name}: ${skip}\n`);
  process.env.OMP_NUM_THREADS = '1';
  const [theirs, found] = JSON.parse(runPython(python, script, file));
  if (found.length !== sums.length || found.some((x, i) => Math.abs(x - sums[i]) > 0.1))
    throw new Error(`${name} computes other features`);
  process.stdout.write(`${name}: ${theirs.toFixed(2)} s, ratio ${(theirs / ours).toFixed(2)}\n`);
}

/** Peak memory of the stage over many waves, and of one endless wave online. */
function memory() {
  const peak = (hours, online) => {
    const script = `
      import { existsSync, readFileSync } from 'node:fs';
      import { fbank, Fbank } from '@jebena/features';
      const wave = { sampleRate: ${rate}, channels: [Float32Array.from({ length: ${rate * seconds} }, (_, n) => 3000 * Math.sin(n * n))] };
      let frames = 0;
      if (${online}) {
        const stream = new Fbank({ dither: 0, numMelBins: 40 }).online();
        for (let i = 0; i < ${hours} * 3600; i++) frames += stream.push(wave.channels[0].subarray(0, ${rate})).rows;
      } else {
        async function* waves() { for (let i = 0; i < ${hours} * ${waves}; i++) yield ['w' + i, wave]; }
        for await (const [, m] of fbank({ dither: 0, numMelBins: 40 })(waves())) frames += m.rows;
      }
      if (frames < ${hours} * 350000) throw new Error('frames are missing');
      // What the system says of the process alone; the other count starts with what its parent had.
      const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
      console.log(/VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);`;
    const run = spawnSync(process.execPath, ['--input-type=module'], { cwd: import.meta.dirname, input: script });
    if (run.status !== 0) throw new Error(run.stderr.toString());
    return Number(run.stdout) / 1024;
  };
  for (const online of [false, true]) {
    const [one, ten] = [peak(1, online), peak(10, online)];
    process.stdout.write(
      `peak memory, ${online ? 'one wave online' : 'a stage over waves'}: ${one.toFixed(0)} MB for 1 h, ${ten.toFixed(0)} MB for 10 h, ratio ${(ten / one).toFixed(2)}\n`,
    );
  }
}
