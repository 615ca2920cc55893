// Training steps in frames a second against PyTorch's: the same layers, minibatches and optimizer, in one run.
// `pnpm bench train:big,gru` runs those cases alone (support/train-cases.mjs names them, and `linear`: twice the frames).
// JEBENA_PYTHON names a Python that has torch; without one our side alone is printed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from './support/train-cases.mjs';

const python = process.env.JEBENA_PYTHON || 'python3';
const threads = availableParallelism();
const support = (name) => join(import.meta.dirname, 'support', name);

function run(command, args, spec) {
  const child = spawnSync(command, args, { input: JSON.stringify(spec), encoding: 'utf8', timeout: 240_000 });
  if (child.status === 0) return JSON.parse(child.stdout.trim().split('\n').at(-1));
  return { why: (child.stderr || String(child.error)).trim().split('\n').at(-1) };
}
function ours(spec) {
  const found = run(process.execPath, [support('train-ours.mjs')], { threads, ...spec });
  if (found.why !== undefined) throw new Error(`train: ${JSON.stringify(spec)}: ${found.why}`);
  return found;
}
const theirs = (name, { data, sequences, spec, steps, autocast }, mixed) =>
  run(python, ['-c', readFileSync(support('train-peer.py'), 'utf8')], {
    threads,
    case: name,
    data,
    sequences,
    warm: 2,
    steps,
    mixed,
    ...spec,
    ...(mixed ? autocast : {}),
  });

function compare(name, one) {
  const { what, data, sequences, frames = data.inputs } = one;
  const rate = (seconds) => `${Math.round((frames * sequences) / seconds)} frames/s`;
  const side = ({ seconds, operations, product, megabytes }) => {
    const speed = operations / seconds;
    const share = `${Math.round((100 * speed) / product)} % of a product's ${Math.round(product / 1e9)}`;
    return `${rate(seconds)} (${Math.round(speed / 1e9)} GFLOP/s, ${share}; ${Math.round(megabytes)} MB)`;
  };
  for (const precision of ['float32', 'mixed']) {
    const plain = ours({ name, precision, natural: false });
    const natural = ours({ name, precision, natural: true });
    console.log(`train: ${what}, ${precision}: ${plain.engine} ${side(plain)}; natural gradient ${side(natural)}`);
    const { seconds, version, megabytes, why } = theirs(name, one, precision === 'mixed');
    if (why !== undefined) {
      console.log(`  no PyTorch to compare with (${why}); set JEBENA_PYTHON`);
      continue;
    }
    const [ratio, withNatural] = [plain, natural].map((o) => (seconds / o.seconds).toFixed(2));
    const peer = `PyTorch ${version}${precision === 'mixed' ? ' bfloat16 autocast' : ''}`;
    console.log(
      `  ${peer} ${rate(seconds)} (${Math.round(megabytes)} MB): ratio ${ratio} (natural gradient ${withNatural})`,
    );
  }
}

/** Steps of training against PyTorch; `wanted` names cases, all where it is empty. */
export default async function trainBench(wanted = []) {
  const known = [...Object.keys(cases), 'linear'];
  for (const name of wanted)
    if (!known.includes(name)) throw new Error(`train: no case called '${name}'; there are ${known.join(', ')}`);
  for (const [name, one] of Object.entries(cases)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (one.missing) console.log(`train: ${one.missing}`);
    else compare(name, one);
  }
  if (wanted.length > 0 && !wanted.includes('linear')) return;
  const [half, whole] = [0.5, 1].map((share) => ours({ name: 'cnn', precision: 'float32', natural: false, share }));
  console.log(`train: CNN-TDNN, twice the frames: ${(whole.seconds / half.seconds).toFixed(2)} times the time`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await trainBench();
