// Training steps in frames a second against PyTorch's: the same layers, minibatches and optimizer, in one run.
// JEBENA_PYTHON names a Python that has torch; without one our side alone is printed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '@jebena/engine/node';
import { Network, networkFromXconfig } from '@jebena/graph';
import { crossEntropy, kaldiSgd, sgd, Trainer } from '@jebena/train';

const big = resolve(import.meta.dirname, '../../shared/golden/big.xconfig');
const python = process.env.JEBENA_PYTHON || 'python3';
const threads = availableParallelism();

/** The peer: an MLP, or the TDNN-F of big.xconfig as convolutions, of which the upper ones see every third frame. */
const peer = `
import json, sys, time, torch
from torch import nn
import torch.nn.functional as F
spec = json.load(sys.stdin)
torch.set_num_threads(spec['threads'])
torch.manual_seed(1)
class Tdnnf(nn.Module):
    def __init__(self, span):
        super().__init__()
        k = 2 if span else 1
        self.span = span
        self.linear = nn.Conv1d(1024, 128, k, bias=False)
        self.affine = nn.Conv1d(128, 1024, k)
        self.norm = nn.BatchNorm1d(1024, affine=False)
    def forward(self, x):
        y = self.norm(F.relu(self.affine(self.linear(x))))
        return y + 0.66 * (x[:, :, 1:-1] if self.span else x)
class Big(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(40, 1024, 3)
        self.norm = nn.BatchNorm1d(1024, affine=False)
        self.low = nn.Sequential(Tdnnf(1), Tdnnf(1))
        self.high = nn.Sequential(Tdnnf(0), Tdnnf(1), Tdnnf(1), Tdnnf(1))
        self.top = nn.Sequential(nn.Conv1d(1024, 192, 1, bias=False), nn.Conv1d(192, 1024, 1), nn.ReLU(), nn.BatchNorm1d(1024, affine=False),
            nn.Conv1d(1024, 192, 1, bias=False), nn.BatchNorm1d(192, affine=False), nn.Conv1d(192, 56, 1))
    def forward(self, x):
        x = self.low(self.norm(F.relu(self.first(x))))
        return self.top(self.high(x[:, :, ::3]))
if spec['kind'] == 'mlp':
    dims = spec['dims']
    layers = []
    for i in range(len(dims) - 1):
        layers.append(nn.Linear(dims[i], dims[i + 1]))
        if i + 2 < len(dims): layers.append(nn.ReLU())
    model = nn.Sequential(*layers)
    x = torch.randn(spec['rows'], dims[0]); y = torch.randint(dims[-1], (spec['rows'],))
else:
    model = Big()
    x = torch.randn(64, 40, spec['inputs']); y = torch.randint(56, (64, spec['outputs']))
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
def step():
    optimizer.zero_grad()
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=spec['mixed']):
        loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
for _ in range(2): step()
times = []
for _ in range(spec['steps']):
    begun = time.perf_counter(); step(); times.append(time.perf_counter() - begun)
times.sort()
print(json.dumps({'seconds': times[len(times) // 2], 'version': torch.__version__, 'parameters': sum(p.numel() for p in model.parameters())}))
`;

function mlp(dims) {
  const lines = [`input-node name=input dim=${dims[0]}`];
  let below = 'input';
  const add = (name, type, options) => {
    lines.push(
      `component name=${name} type=${type} ${options}`,
      `component-node name=${name} component=${name} input=${below}`,
    );
    below = name;
  };
  for (let i = 1; i < dims.length; i++) {
    add(`affine${i}`, 'NaturalGradientAffineComponent', `input-dim=${dims[i - 1]} output-dim=${dims[i]}`);
    if (i + 1 < dims.length) add(`relu${i}`, 'RectifiedLinearComponent', `dim=${dims[i]}`);
  }
  add('log', 'LogSoftmaxComponent', `dim=${dims.at(-1)}`);
  return Network.fromConfig([...lines, `output-node name=output input=${below}`].join('\n'), { seed: 1 });
}

const noise = (length) => Float32Array.from({ length }, (_, i) => 1.7 * Math.sin(i * 12.9898 + (i % 97)));

/** A minibatch of noise: `inputs` frames in, `outputs` frames of labels out. */
function minibatchOf({ output = 'output', sequences, dim, classes, inputs, outputs, stride, first }) {
  const rows = sequences * inputs;
  const labels = Int32Array.from({ length: sequences * outputs }, (_, i) => (i * 7919) % classes);
  return {
    key: 'noise',
    sequences,
    inputs: [{ name: 'input', first, count: inputs, stride: 1, feats: { rows, cols: dim, data: noise(rows * dim) } }],
    outputs: [{ name: output, first: 0, count: outputs, stride, targets: { kind: 'labels', dim: classes, labels } }],
  };
}

/** Median seconds of a step. */
async function ours(network, minibatch, factory, precision, steps) {
  const engine = await createEngine({ threads, precision });
  const model = network.load(engine);
  const optimizer = factory(model);
  const trainer = new Trainer(model, optimizer, () => crossEntropy());
  const times = [];
  for (let i = 0; i < steps + 2; i++) {
    const begun = performance.now();
    await trainer.step(minibatch, 0.00001);
    await trainer.collect();
    if (i >= 2) times.push((performance.now() - begun) / 1000);
  }
  optimizer.dispose();
  model.dispose();
  return { seconds: times.sort((a, b) => a - b)[times.length >> 1], name: engine.name };
}

function theirs(spec) {
  const run = spawnSync(python, ['-c', peer], {
    input: JSON.stringify({ threads, ...spec }),
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (run.status === 0) return JSON.parse(run.stdout);
  const why = (run.stderr ?? String(run.error)).trim().split('\n').at(-1);
  return { why };
}

async function compare(what, frames, network, minibatch, spec, steps) {
  for (const precision of ['float32', 'mixed']) {
    const plain = await ours(network, minibatch, sgd({ momentum: 0.9 }), precision, steps);
    const natural = await ours(network, minibatch, kaldiSgd(), precision, steps);
    const rate = (seconds) => Math.round(frames / seconds);
    const mine = `${plain.name} ${rate(plain.seconds)} frames/s (natural gradient ${rate(natural.seconds)})`;
    const { seconds, version, why } = theirs({ ...spec, mixed: precision === 'mixed', steps });
    if (why !== undefined) {
      console.log(`train: ${what}, ${precision}: ${mine}; no PyTorch to compare with (${why}); set JEBENA_PYTHON`);
      continue;
    }
    const ratios = [plain, natural].map((o) => (seconds / o.seconds).toFixed(2));
    const peerName = `PyTorch ${version}${precision === 'mixed' ? ' bfloat16 autocast' : ''}`;
    console.log(
      `train: ${what}, ${precision}: ${mine}, ${peerName} ${rate(seconds)}: ratio ${ratios[0]} (natural gradient ${ratios[1]})`,
    );
  }
}

/** Steps of training against PyTorch. */
export default async function trainBench() {
  const dims = [440, 1024, 1024, 1024, 1024, 1024, 2000];
  for (const rows of [128, 2048]) {
    const minibatch = minibatchOf({
      sequences: rows,
      dim: 440,
      classes: 2000,
      inputs: 1,
      outputs: 1,
      stride: 1,
      first: 0,
    });
    await compare(
      `MLP 440-5x1024-2000, minibatches of ${rows}`,
      rows,
      mlp(dims),
      minibatch,
      { kind: 'mlp', dims, rows },
      rows > 1000 ? 7 : 25,
    );
  }
  if (!existsSync(big)) return console.log('train: no ../shared to take big.xconfig from');
  // Outputs at every third of 139 frames, from 12 frames of context on each side.
  const frames = { inputs: 163, outputs: 47 };
  const network = networkFromXconfig(`${readFileSync(big, 'utf8')}`, { seed: 1 });
  const minibatch = minibatchOf({
    output: 'output-xent',
    sequences: 64,
    dim: 40,
    classes: 56,
    ...frames,
    stride: 3,
    first: -12,
  });
  await compare(
    'big.xconfig (TDNN-F, the branch to output-xent), 64 x 140 input frames',
    64 * 140,
    network,
    minibatch,
    { kind: 'big', ...frames },
    5,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await trainBench();
