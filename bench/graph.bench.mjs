import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '@jebena/engine/node';
import { forInference, networkFromXconfig, readNetworkFile } from '@jebena/graph';

const golden = resolve(import.meta.dirname, '../../shared/golden');
/** A Python that has torch, where one is: gigabytes are not fetched for a bench. */
const python = process.env.JEBENA_TORCH_PYTHON ?? 'python3';

/** Runs the same products, sums and nonlinearities, on the same rows, as a list of steps. */
const peer = `
import json, sys, time, torch
spec = json.load(sys.stdin)
torch.set_num_threads(spec['threads'])
torch.manual_seed(1)
n = spec['sequences']
steps = spec['steps']
for s in steps:
    if s['op'] == 'affine':
        s['w'] = torch.randn(s['outDim'], s['inDim']) / s['inDim'] ** 0.5
        s['b'] = torch.zeros(s['outDim'])
    if s['op'] == 'scale':
        s['w'] = torch.ones(s['dim']); s['b'] = torch.zeros(s['dim'])
x = torch.randn(spec['frames'], n, spec['dim'])
def rows(v, m):
    if len(m) != 3: return v[torch.tensor(m)]
    start, stride, count = m
    return v[start:start + stride * (count - 1) + 1:stride]
def run():
    values = {spec['input']: x}
    for s in steps:
        parts = []
        for part in s['parts']:
            total = None
            for slot, m, scale in part:
                t = rows(values[slot], m)
                if scale != 1: t = t * scale
                total = t if total is None else total + t
            parts.append(total)
        v = parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)
        if s['op'] == 'affine':
            if len(s['maps']) > 1: v = torch.cat([rows(v, m) for m in s['maps']], dim=2)
            elif s['maps']: v = rows(v, s['maps'][0])
            v = torch.nn.functional.linear(v, s['w'], s['b'])
        elif s['op'] == 'relu': v = torch.relu(v)
        elif s['op'] == 'scale': v = torch.addcmul(s['b'], v, s['w'])
        elif s['op'] == 'log-softmax': v = torch.log_softmax(v, dim=2)
        values[s['output']] = v
    return v
best = 1e9
with torch.inference_mode():
    run()
    for _ in range(spec['runs']):
        begun = time.perf_counter(); run(); best = min(best, time.perf_counter() - begun)
print(json.dumps({'seconds': best, 'version': torch.__version__}))
`;

/** A map of rows as [start, stride, count]; rows that are not in step are listed. */
function slice(map) {
  if (map.kind === 'identity') return [0, 1, map.blocks];
  if (map.kind === 'slice') return [map.start, 1, map.blocks];
  if (map.kind === 'stride') return [map.start, map.stride, map.blocks];
  const [start, next] = map.index;
  const stride = map.index.length > 1 ? next - start : 1;
  const regular = map.index.every((v, i) => v === start + i * stride);
  return regular ? [start, stride, map.blocks] : [...map.index];
}

const operations = {
  RectifiedLinearComponent: 'relu',
  LogSoftmaxComponent: 'log-softmax',
  NoOpComponent: 'sum',
  GeneralDropoutComponent: 'sum',
  BatchNormComponent: 'scale',
};

/** The steps of a computation, for the peer to do. */
function stepsOf(network, { plan }) {
  return plan.steps.flatMap((step) => {
    if (step.kind !== 'component') return [];
    const component = network.component(step.component);
    const parts = step.input.parts.map((part) => part.leaves.map((leaf) => [leaf.slot, slice(leaf.map), leaf.scale]));
    const common = { output: step.output, parts };
    if (!component.linear) return [{ ...common, op: operations[component.type], dim: component.outputDim }];
    const maps = component.timeOffsets ? offsetMaps(component, step.rows) : [];
    return [{ ...common, op: 'affine', inDim: component.linear.cols, outDim: component.outputDim, maps }];
  });
}

function offsetMaps({ timeOffsets }, { inputs, outputs }) {
  const places = new Map(inputs.map((at, i) => [at, i]));
  const frame = 65536;
  return Array.from(timeOffsets, (offset) => {
    const index = outputs.map((at) => places.get(at + offset * frame));
    return slice({ kind: 'gather', index, blocks: index.length });
  });
}

async function forwardPass(name, network, { sequences, frames, factor }, threads) {
  const engine = await createEngine({ threads });
  const prepared = forInference(network);
  const model = prepared.load(engine);
  const count = network.leftContext + frames + network.rightContext;
  const computation = model.compute({
    sequences,
    inputs: [{ name: 'input', first: -network.leftContext, count, stride: 1 }],
    outputs: [{ name: 'output', first: 0, count: frames / factor, stride: factor }],
  });
  const x = engine.randomNormal(count * sequences, network.inputDim(), 1);
  const runs = 5;
  let best = Infinity;
  for (let i = 0; i <= runs; i++) {
    const begun = performance.now();
    const pass = computation.forward({ input: x });
    await engine.read(pass.output('output'));
    pass.dispose();
    if (i > 0) best = Math.min(best, (performance.now() - begun) / 1000);
  }
  const ours = (sequences * frames) / best;
  const spec = {
    threads,
    runs,
    sequences,
    frames: count,
    dim: network.inputDim(),
    input: computation.plan.inputs.get('input'),
    steps: stepsOf(prepared, computation),
  };
  model.dispose();
  engine.dispose(x);
  const run = spawnSync(python, ['-c', peer], { input: JSON.stringify(spec), encoding: 'utf8', timeout: 120_000 });
  const what = `${name}, ${sequences} x ${frames} frames, ${threads} core${threads > 1 ? 's' : ''}`;
  const mine = `${engine.name} ${Math.round(ours)} frames/s`;
  if (run.status !== 0) {
    const why = (run.stderr ?? String(run.error)).trim().split('\n').at(-1);
    console.log(`${what}: ${mine}; no PyTorch to compare with (${why}); set JEBENA_TORCH_PYTHON`);
    return;
  }
  const { seconds, version } = JSON.parse(run.stdout);
  const theirs = (sequences * frames) / seconds;
  console.log(`${what}: ${mine}, PyTorch ${version} ${Math.round(theirs)}: ratio ${(ours / theirs).toFixed(2)}`);
}

async function measure(threads) {
  const decode = readNetworkFile(new Uint8Array(readFileSync(resolve(golden, 'decode/final.mdl'))), 'final.mdl');
  const big = networkFromXconfig(readFileSync(resolve(golden, 'big.xconfig'), 'utf8'), { seed: 1 });
  // A fresh network's batch norms have no statistics yet: take some that do nothing.
  const ready = big.withComponents((c) =>
    c.type === 'BatchNormComponent' ? c.with({ count: 1, variance: c.variance.map(() => 1) }) : c,
  );
  for (const [name, network] of [
    ['decode/final.mdl', decode],
    ['big.xconfig', ready],
  ])
    for (const sequences of [1, 16]) await forwardPass(name, network, { sequences, frames: 150, factor: 3 }, threads);
}

/** Forward passes in frames a second against PyTorch, on one core and on two: a process each, as libraries want. */
export default async function graphBench() {
  if (!existsSync(golden)) return console.log('graph: no ../shared to take networks from');
  for (const threads of [1, 2]) {
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), TF_NUM_INTRAOP_THREADS: String(threads) };
    const cores = Array.from({ length: threads }, (_, i) => i).join();
    const pinned = spawnSync(
      'taskset',
      ['-c', cores, process.execPath, fileURLToPath(import.meta.url), String(threads)],
      {
        env,
        stdio: 'inherit',
      },
    );
    if (pinned.error) throw pinned.error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measure(Number(process.argv[2]));
