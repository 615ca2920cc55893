// The networks of the bench of training steps: each as ours, and as what the peer (train-peer.py) is told.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Network, networkFromXconfig } from '@jebena/graph';

const big = resolve(import.meta.dirname, '../../../shared/golden/big.xconfig');

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

const xconfig = (...lines) => networkFromXconfig(lines.flat().join('\n'), { seed: 1 });

/** Layers of recurrences in both directions; `after` may add a line behind each pair. */
function bidirectional(layers, layer, options, after = () => []) {
  let below = 'input';
  return Array.from({ length: layers }, (_, i) => {
    const pair = [-1, 1].map((delay) => [`${delay < 0 ? 'f' : 'b'}${i}`, delay]);
    const lines = pair.map(([name, delay]) => `${layer} name=${name} input=${below} delay=${delay} ${options}`);
    below = `Append(${pair.map(([name]) => name).join(', ')})`;
    const more = after(i, below);
    if (more.length > 0) below = `n${i}`;
    return [...lines, ...more];
  }).flat();
}

const mlpDims = [440, 1024, 1024, 1024, 1024, 1024, 2000];
const mlpOf = (rows) => ({
  what: `MLP 440-5x1024-2000, minibatches of ${rows}`,
  network: () => mlp(mlpDims),
  data: { dim: 440, classes: 2000, inputs: 1, outputs: 1, stride: 1, first: 0 },
  sequences: rows,
  spec: { dims: mlpDims },
  steps: rows > 1000 ? 5 : 24,
});

const filters = [
  [48, 1],
  [48, 1],
  [64, 2],
  [64, 1],
  [64, 2],
  [128, 2],
];
function cnnTdnn() {
  let height = 40;
  const convolutions = filters.map(([count, subsample], i) => {
    const sizes = `height-in=${height} height-out=${(height /= subsample)} height-subsample-out=${subsample}`;
    return `conv-relu-batchnorm-layer name=cnn${i} ${sizes} num-filters-out=${count} time-offsets=-1,0,1 height-offsets=-1,0,1`;
  });
  const tdnnf = [0, 3, 3, 3].map((span, i) => {
    const bypass = i === 0 ? ' bypass-scale=0' : '';
    return `tdnnf-layer name=tdnnf${i} dim=768 bottleneck-dim=96 time-stride=${span}${bypass}`;
  });
  return xconfig('input dim=40 name=input', convolutions, tdnnf, 'output-layer name=output dim=2000');
}

/** Cases by the name that picks them. */
export const cases = {
  blstm: {
    what: '3x512 BLSTM, 64 x 80 frames of 80, 9,000 outputs',
    network: () =>
      xconfig(
        'input dim=80 name=input',
        bidirectional(3, 'fast-lstm-layer', 'cell-dim=512'),
        'output-layer name=output dim=9000 input=Append(f2, b2)',
      ),
    data: { dim: 80, classes: 9000, inputs: 80, outputs: 80, stride: 1, first: 0 },
    sequences: 64,
    spec: { dim: 80, cells: 512, layers: 3, classes: 9000 },
    steps: 3,
  },
  // Outputs at every third of 139 frames, from 12 frames of context on each side.
  big: {
    what: 'big.xconfig (TDNN-F, the branch to output-xent), 64 x 140 input frames',
    missing: existsSync(big) ? undefined : 'no ../shared to take big.xconfig from',
    network: () => xconfig(readFileSync(big, 'utf8')),
    data: { output: 'output-xent', dim: 40, classes: 56, inputs: 163, outputs: 47, stride: 3, first: -12 },
    frames: 140,
    sequences: 64,
    spec: {},
    steps: 4,
  },
  mlp128: mlpOf(128),
  mlp2048: mlpOf(2048),
  cnn: {
    what: 'CNN-TDNN (six convolutions, four TDNN-F of 768), 16 x 150 frames, 2,000 outputs',
    network: cnnTdnn,
    data: { dim: 40, classes: 2000, inputs: 178, outputs: 50, stride: 3, first: -15 },
    frames: 150,
    sequences: 16,
    spec: { filters },
    steps: 8,
  },
  gru: {
    what: '4x550 bidirectional GRU with batch norm, 32 x 80 frames of 40, 2,000 outputs',
    network: () =>
      xconfig(
        'input dim=40 name=input',
        bidirectional(4, 'fast-gru-layer', 'cell-dim=550', (i, below) => [
          `batchnorm-component name=n${i} input=${below}`,
        ]),
        'output-layer name=output dim=2000 input=n3',
      ),
    data: { dim: 40, classes: 2000, inputs: 80, outputs: 80, stride: 1, first: 0 },
    sequences: 32,
    spec: { dim: 40, cells: 550, layers: 4, classes: 2000 },
    steps: 3,
    autocast: { warm: 1, steps: 1 }, // a step takes PyTorch tens of seconds
  },
};

const noise = (length) => Float32Array.from({ length }, (_, i) => 1.7 * Math.sin(i * 12.9898 + (i % 97)));

/** A minibatch of noise: `inputs` frames in, `outputs` frames of labels out, of each sequence. */
export function minibatchOf({ output = 'output', dim, classes, inputs, outputs, stride, first }, sequences) {
  const rows = sequences * inputs;
  const labels = Int32Array.from({ length: sequences * outputs }, (_, i) => (i * 7919) % classes);
  return {
    key: 'noise',
    sequences,
    inputs: [{ name: 'input', first, count: inputs, stride: 1, feats: { rows, cols: dim, data: noise(rows * dim) } }],
    outputs: [{ name: output, first: 0, count: outputs, stride, targets: { kind: 'labels', dim: classes, labels } }],
  };
}
