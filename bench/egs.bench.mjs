// Training examples: from features to merged minibatches, against PyTorch's DataLoader and lhotse doing the same in
// one process (JEBENA_PYTHON names a Python that has them already); shards against Kaldi's egs through the same
// pipeline; memory over ten times the data.
import {
  chunks,
  fromNnetExample,
  minibatches,
  nnetExampleHolder,
  readShards,
  shuffle,
  toNnetExample,
  withTargets,
  writeShards,
} from '@jebena/egs';
import { matrix } from '@jebena/io-ark';
import { nodeStorage, readTable, writeTable } from '@jebena/io-ark/node';
import { map } from '@jebena/stream';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipe } from 'it-pipe';
import { pythonWith, runPython } from '../test/support/python.mjs';

const cols = 40;
const cases = {
  'chunks of 150,120,90,75': { sizes: [150, 120, 90, 75], batch: 64 },
  'frame-level, 8 frames': { sizes: [8], batch: 64 },
};
const context = { leftContext: 10, rightContext: 10 };

const rowsOf = (u) => 300 + ((u * 7919) % 1200);
function* corpus(count) {
  for (let u = 0; u < count; u++) {
    const data = new Float32Array(rowsOf(u) * cols);
    for (let i = 0; i < data.length; i++) data[i] = ((i * 7919 + u * 31) % 997) / 50 - 10;
    yield [`utt${u}`, matrix(rowsOf(u), cols, data)];
  }
}
const alignment = Int32Array.from({ length: 1500 }, (_, t) => t % 2000);
const targets = { get: (key) => alignment.subarray(0, rowsOf(Number(key.slice(3)))) };

/** Best of four passes, in seconds. */
async function best(work) {
  let least = Infinity;
  for (let i = 0; i < 4; i++) {
    const begun = performance.now();
    await work();
    least = Math.min(least, (performance.now() - begun) / 1000);
  }
  return least;
}

async function drain(batches) {
  let [examples, sum] = [0, 0];
  for await (const { sequences, inputs } of batches) {
    examples += sequences;
    sum += inputs[0].feats.data[0];
  }
  if (!Number.isFinite(sum)) throw new Error('the features merged are not numbers');
  return examples;
}

const fromFeatures = (feats, { sizes, batch }, seed, buffer = 5000) =>
  pipe(
    feats,
    withTargets(targets, { dim: 2000 }),
    chunks({ sizes, ...context, seed }),
    shuffle({ buffer, seed }),
    minibatches(batch),
  );

/** The same in Python: chunks cut with gaps left out, shuffled, batched by size; tensors of features and labels. */
const peers = `
import sys, time, json, random, logging, warnings
warnings.simplefilter('ignore'); logging.disable(logging.CRITICAL)
import numpy, torch
torch.set_num_threads(1)
utterances, cols, left, right = int(sys.argv[1]), 40, 10, 10
cases = json.loads(sys.argv[2])
rows = [300 + (u * 7919) % 1200 for u in range(utterances)]
feats = [torch.randn(n, cols) for n in rows]
labels = [torch.arange(n, dtype=torch.int32) % 2000 for n in rows]
def best(work):
    least = 1e9
    for _ in range(3):
        begun = time.perf_counter(); n = work(); least = min(least, time.perf_counter() - begun)
    return n / least
class Chunks(torch.utils.data.Dataset):
    def __init__(self, sizes):
        self.places = []
        for u, n in enumerate(rows):
            at = 0
            while n - at >= min(sizes):
                size = next(s for s in sizes if s <= n - at); self.places.append((u, at, size)); at += size
    def __getitem__(self, i):
        u, at, size = self.places[i]
        index = torch.arange(at - left, at + size + right).clamp_(0, rows[u] - 1)
        return feats[u][index], labels[u][at:at + size]
    def __len__(self): return len(self.places)
class BySize(torch.utils.data.Sampler):
    def __init__(self, data, batch): self.data, self.batch = data, batch
    def __iter__(self):
        order = list(range(len(self.data))); random.shuffle(order); waiting = {}
        for i in order:
            held = waiting.setdefault(self.data.places[i][2], []); held.append(i)
            if len(held) == self.batch: yield held; waiting[self.data.places[i][2]] = []
        for held in waiting.values():
            if held: yield held
result = {'torch': {}, 'lhotse': {}}
for name, case in cases.items():
    data = Chunks(case['sizes'])
    loader = torch.utils.data.DataLoader(data, batch_sampler=BySize(data, case['batch']))
    def work():
        n = 0
        for x, y in loader: n += len(x)
        return n
    result['torch'][name] = best(work)
try:
    from lhotse import CutSet, MonoCut, Features
    from lhotse.features.io import MemoryRawWriter
    from lhotse.array import TemporalArray, Array
    from lhotse.dataset import SimpleCutSampler
    from lhotse.dataset.collation import collate_features, collate_custom_field
    few = min(utterances, 200)
    cuts = []
    with MemoryRawWriter() as storage:
        for u in range(few):
            key = 'utt%d' % u
            f = Features(type='fbank', num_frames=rows[u], num_features=cols, frame_shift=0.01, sampling_rate=16000, start=0, duration=rows[u] / 100, storage_type=storage.name, storage_path='', storage_key=storage.write(key, feats[u].numpy()), channels=0)
            cut = MonoCut(id=key, start=0, duration=rows[u] / 100, channel=0, features=f)
            cut.alignment = TemporalArray(array=Array(storage_type=storage.name, storage_path='', storage_key=storage.write('a' + key, labels[u].numpy().astype(numpy.float32)), shape=[rows[u]]), temporal_dim=0, frame_shift=0.01, start=0)
            cuts.append(cut)
    class Frames(torch.utils.data.Dataset):
        def __getitem__(self, cuts):
            return collate_features(cuts), collate_custom_field(cuts, 'alignment')
    for name, case in cases.items():
        windows = []
        for cut in cuts:
            at, n = 0, cut.num_frames
            while n - at >= min(case['sizes']):
                size = next(s for s in case['sizes'] if s <= n - at)
                first, last = max(0, at - left), min(n, at + size + right)
                windows.append(cut.truncate(offset=first / 100, duration=(last - first) / 100)); at += size
        random.shuffle(windows)
        windows.sort(key=lambda c: c.num_frames)
        windows = CutSet.from_cuts(windows[:4000])
        def work():
            sampler = SimpleCutSampler(windows, max_cuts=case['batch'], shuffle=False)
            n = 0
            for x, y in torch.utils.data.DataLoader(Frames(), sampler=sampler, batch_size=None): n += len(x[0])
            return n
        result['lhotse'][name] = best(work)
except Exception as error:
    result['lhotse skip'] = repr(error)
print(json.dumps(result))
`;

async function throughput(utterances, python) {
  const feats = [...corpus(utterances)];
  const rates = {};
  for (const [name, settings] of Object.entries(cases)) {
    let examples = 0;
    let seed = 0;
    const time = await best(async () => (examples = await drain(fromFeatures(feats, settings, seed++))));
    rates[name] = examples / time;
  }
  const theirs = python ? JSON.parse(runPython(python, peers, String(utterances), JSON.stringify(cases))) : {};
  if (theirs['lhotse skip']) process.stdout.write(`without lhotse: ${theirs['lhotse skip']}\n`);
  for (const [name, rate] of Object.entries(rates)) {
    const against = ['torch', 'lhotse']
      .filter((peer) => theirs[peer]?.[name])
      .map((peer) => `${peer} ${theirs[peer][name].toFixed(0)}/s, ratio ${(rate / theirs[peer][name]).toFixed(1)}`);
    process.stdout.write(`${[`${name}: ${rate.toFixed(0)} examples/s`, ...against].join('; ')}\n`);
  }
}

async function files(utterances, folder) {
  const ark = `ark:${join(folder, 'egs.ark')}`;
  const settings = cases['chunks of 150,120,90,75'];
  const examples = () =>
    pipe(corpus(utterances), withTargets(targets, { dim: 2000 }), chunks({ sizes: settings.sizes, ...context }));
  await pipe(
    examples(),
    map((e) => [e.key, toNnetExample(e)]),
    writeTable(nnetExampleHolder, ark),
  );
  const storage = nodeStorage();
  const kaldi = () =>
    pipe(
      readTable(nnetExampleHolder, ark),
      map(([key, e]) => fromNnetExample(key, e)),
      shuffle({ buffer: 1000 }),
      minibatches(settings.batch),
    );
  const names = await pipe(examples(), writeShards(join(folder, 'egs'), { storage }));
  const shards = () => pipe(readShards(names, { storage }), shuffle({ buffer: 1000 }), minibatches(settings.batch));
  const unmerged = async (source) => {
    let n = 0;
    for await (const _ of source) n++;
    return n;
  };
  const count = await drain(shards());
  const lines = {
    'to minibatches': [kaldi, shards, drain],
    'read alone': [
      () =>
        pipe(
          readTable(nnetExampleHolder, ark),
          map(([key, e]) => fromNnetExample(key, e)),
        ),
      () => readShards(names, { storage }),
      unmerged,
    ],
  };
  for (const [name, [theirs, ours, consume]] of Object.entries(lines)) {
    const old = await best(() => consume(theirs()));
    const own = await best(() => consume(ours()));
    process.stdout.write(
      `${count} examples from files, ${name}: shards ${own.toFixed(3)} s, Kaldi's egs ${old.toFixed(3)} s, ratio ${(old / own).toFixed(2)}\n`,
    );
  }
}

/** Peak memory of a process that runs the pipeline over some data, and over ten times as much. */
function memory() {
  const peak = (count) => {
    const run = spawnSync(process.execPath, [import.meta.filename, 'memory', String(count)], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return Number(run.stdout);
  };
  const [small, large] = [peak(600), peak(6000)];
  process.stdout.write(`peak memory, 600 utterances: ${small} MB; 6,000: ${large} MB\n`);
}

if (process.argv[2] === 'memory') {
  await drain(fromFeatures(corpus(Number(process.argv[3])), cases['chunks of 150,120,90,75'], 1, 1000));
  process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
}

export default async function bench() {
  const { python, skip } = process.env.JEBENA_PYTHON
    ? { python: process.env.JEBENA_PYTHON }
    : pythonWith('torch', 'lhotse', 'numpy');
  if (skip) process.stdout.write(`without PyTorch and lhotse: ${skip}\n`);
  await throughput(600, python);
  const folder = mkdtempSync(join(tmpdir(), 'jebena-egs-bench-'));
  try {
    await files(400, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  memory();
}
