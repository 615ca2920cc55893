import { spawnSync } from 'node:child_process';
import { createEngine } from '@jebena/engine/node';

/** Rows x inner x columns, and how the operands lie (as a layer's output, its input's and its weights' derivative). */
const shapes = [
  ['square', 1024, 1024, 1024, false, false],
  ['square', 2048, 2048, 2048, false, false],
  ['recurrent step', 64, 512, 2048, false, true],
  ['small minibatch', 128, 1024, 1024, false, true],
  ['tall', 5120, 1024, 2048, false, true],
  ['tall, weights', 2048, 5120, 1024, true, false],
  ['bottleneck', 9216, 1536, 160, false, true],
  ['bottleneck back', 9216, 160, 1536, false, true],
];
const seconds = 0.5;

/** The least time of one call, over half a second of calls and at least five: what the machine can do undisturbed. */
function least(call) {
  call();
  const until = performance.now() + 1000 * seconds;
  let best = Infinity;
  for (let i = 0; i < 5 || performance.now() < until; i++) {
    const begun = performance.now();
    call();
    best = Math.min(best, performance.now() - begun);
  }
  return best / 1000;
}

function ours(engine) {
  return shapes.map(([, rows, inner, cols, transposeA, transposeB]) => {
    if (engine.name === 'tfjs-cpu' && rows * inner * cols > 2 ** 30) return undefined;
    const a = transposeA ? engine.randomNormal(inner, rows, 1) : engine.randomNormal(rows, inner, 1);
    const b = transposeB ? engine.randomNormal(cols, inner, 2) : engine.randomNormal(inner, cols, 2);
    const time = least(() =>
      engine.tidy(() => {
        const y = engine.matmul(a, b, { transposeA, transposeB });
        // A product may be made later, but is by the time that something of it is read.
        engine.readSync?.(engine.sliceRows(engine.sliceCols(y, 0, 1), 0, 1));
      }),
    );
    engine.dispose(a, b);
    return (2 * rows * inner * cols) / time / 1e9;
  });
}

const torch = `
import json, sys, time, torch
out = []
dtype = torch.bfloat16 if sys.argv[2] == 'mixed' else torch.float32
for _, m, k, n, ta, tb in json.loads(sys.argv[1]):
    a = torch.randn(k, m, dtype=dtype).t() if ta else torch.randn(m, k, dtype=dtype)
    b = torch.randn(n, k, dtype=dtype).t() if tb else torch.randn(k, n, dtype=dtype)
    a @ b
    until, best, i = time.perf_counter() + ${seconds}, 1e9, 0
    while i < 5 or time.perf_counter() < until:
        begun = time.perf_counter(); a @ b; best = min(best, time.perf_counter() - begun); i += 1
    out.append(2 * m * k * n / best / 1e9)
print(json.dumps(out))
`;

/** PyTorch's figures, where a Python (JEBENA_PYTHON, else python3) has it. */
function peer(precision) {
  const python = process.env.JEBENA_PYTHON || 'python3';
  const run = spawnSync(python, ['-c', torch, JSON.stringify(shapes), precision], { encoding: 'utf8' });
  return run.status === 0 ? JSON.parse(run.stdout) : undefined;
}

export default async function () {
  const columns = [];
  for (const [engine, precision, kernels] of [
    ['tensorflow', 'float32', ''],
    ['tensorflow', 'float32', 'libtensorflow'],
    ['tensorflow', 'mixed', ''],
    ['tensorflow', 'mixed', 'libtensorflow'],
    ['tfjs-wasm', 'float32', ''],
    ['tfjs-cpu', 'float32', ''],
  ]) {
    process.env.JEBENA_KERNELS = kernels;
    const made = await createEngine({ engine, precision, log: () => undefined }).catch((error) => error);
    if (made instanceof Error) process.stdout.write(`${made.message}\n`);
    else columns.push([`${kernels || made.name} ${made.precision}`, ours(made)]);
  }
  for (const precision of ['float32', 'mixed']) {
    const figures = peer(precision);
    if (figures) columns.push([`PyTorch ${precision === 'mixed' ? 'bfloat16' : precision}`, figures]);
    else process.stdout.write('PyTorch is not here: no peer\n');
  }
  process.stdout.write('GFLOP/s of products (rows x inner x columns)\n');
  for (const [name, figures] of columns) {
    process.stdout.write(`${name}\n`);
    figures.forEach((figure, i) => {
      const [kind, rows, inner, cols] = shapes[i];
      const rate = figure === undefined ? 'too slow' : figure.toFixed(1);
      process.stdout.write(`  ${`${kind} ${rows} x ${inner} x ${cols}`.padEnd(36)} ${rate.padStart(9)}\n`);
    });
  }
}
