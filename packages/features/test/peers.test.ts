import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fbank, Mfcc, Random, Spectrogram, type WaveFeature } from '@jebena/features';
import { afterAll, expect, test } from 'vitest';
import { pythonWith, runPython } from '../../../test/support/python.mjs';
import { worstDifference } from './support/close.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A second of coloured noise that swells and fades: no bin of it is made of rounding errors. */
const random = new Random(7);
const samples = Float32Array.from({ length: 16000 }, (_, n) =>
  Math.fround(2000 * (1.1 + Math.sin(n / 3000)) * random.gaussian() + 1500 * Math.sin(n / 20)),
);
const wave = join(folder, 'wave.f32');
writeFileSync(wave, samples);

const features: Record<string, WaveFeature> = {
  fbank: new Fbank({ dither: 0, numMelBins: 40 }),
  'fbank of another shape': new Fbank({
    dither: 0,
    numMelBins: 30,
    snipEdges: false,
    windowType: 'hamming',
    lowFreq: 60,
    highFreq: -400,
    useEnergy: true,
  }),
  mfcc: new Mfcc({ dither: 0 }),
  spectrogram: new Spectrogram({ dither: 0 }),
  'mfcc with c0': new Mfcc({ dither: 0, useEnergy: false }),
};

function compare(output: string, tolerance: number): void {
  const theirs = JSON.parse(output) as Record<string, number[][]>;
  expect(Object.keys(theirs).length).toBeGreaterThan(0);
  for (const [name, rows] of Object.entries(theirs)) {
    const wanted = { rows: rows.length, cols: rows[0]!.length, data: Float32Array.from(rows.flat()) };
    expect(worstDifference(features[name]!.compute(samples), wanted)).toBeLessThan(tolerance);
  }
}

const native = pythonWith('numpy==2.4.6', 'kaldi-native-fbank==1.23.0');
(native.python ? test : test.skip)(`kaldi-native-fbank computes the same ${native.skip ?? ''}`, () => {
  const script = `
import sys, json, numpy as np, kaldi_native_fbank as knf
x = np.fromfile(sys.argv[1], dtype='<f4')
def run(make, o, bins, **frame):
    o.frame_opts.dither = 0; o.frame_opts.samp_freq = 16000; o.frame_opts.snip_edges = True; o.mel_opts.num_bins = bins
    o.mel_opts.low_freq = 20; o.mel_opts.high_freq = 0
    for k, v in frame.items():
        part = o.mel_opts if k in ('low_freq', 'high_freq') else o.frame_opts if k in ('snip_edges', 'window_type') else o
        setattr(part, k, v)
    f = make(o); f.accept_waveform(16000, x); f.input_finished()
    return [f.get_frame(i).tolist() for i in range(f.num_frames_ready)]
print(json.dumps({
  'fbank': run(knf.OnlineFbank, knf.FbankOptions(), 40),
  'fbank of another shape': run(knf.OnlineFbank, knf.FbankOptions(), 30, snip_edges=False, window_type='hamming', low_freq=60, high_freq=-400, use_energy=True),
  'mfcc': run(knf.OnlineMfcc, knf.MfccOptions(), 23, use_energy=True, raw_energy=True),
}))`;
  compare(runPython(native.python!, script, wave), 1e-4);
});

// These two stand on PyTorch, which is gigabytes: they are asked where the machine's own Python has them.
for (const [name, script] of Object.entries({
  torchaudio: `
import importlib.util, types, torch
# torchaudio asks for the very CUDA that PyTorch was built with; its Kaldi features, plain Python, do not need it.
stub = types.ModuleType('torchaudio')
stub.__path__ = list(importlib.util.find_spec('torchaudio').submodule_search_locations)
sys.modules['torchaudio'] = stub
from torchaudio.compliance import kaldi
w = torch.from_numpy(x)[None]
out = {
  'fbank': kaldi.fbank(w, num_mel_bins=40, dither=0.0),
  'fbank of another shape': kaldi.fbank(w, num_mel_bins=30, dither=0.0, snip_edges=False, window_type='hamming', low_freq=60, high_freq=-400, use_energy=True),
  'spectrogram': kaldi.spectrogram(w, dither=0.0),
}`,
  lhotse: `
from lhotse import Fbank, FbankConfig, Mfcc, MfccConfig
import torch
same = dict(sampling_rate=16000, dither=0.0, snip_edges=True, high_freq=0.0)
out = {
  'fbank': Fbank(FbankConfig(num_filters=40, **same)).extract(torch.from_numpy(x), 16000),
  'mfcc with c0': Mfcc(MfccConfig(num_filters=23, num_ceps=13, cepstral_lifter=22, use_energy=False, **same)).extract(torch.from_numpy(x), 16000),
}`,
})) {
  const has =
    spawnSync('python3', ['-c', `import torch, numpy, importlib.util as u; assert u.find_spec('${name}')`]).status ===
    0;
  (has ? test : test.skip)(
    `${name} computes the same${has ? '' : ` (python3 cannot import torch and ${name})`}`,
    () => {
      const reading = "import sys, json, numpy as np\nx = np.fromfile(sys.argv[1], dtype='<f4')";
      const printing = 'print(json.dumps({k: np.asarray(v).tolist() for k, v in out.items()}))';
      compare(runPython('python3', `${reading}${script}\n${printing}`, wave), 2e-3);
    },
  );
}
