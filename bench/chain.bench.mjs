// The LF-MMI objective and its derivative for 64 sequences of 50 output frames, against PyTorch doing the same leaky-HMM
// forward-backward with batched sparse products; and its share of a training step. JEBENA_PYTHON names a Python that has
// torch; without one our side alone is printed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DenominatorGraph, evaluateChain } from '@jebena/chain';
import { threadedDenominator } from '@jebena/chain/node';
import { createEngine } from '@jebena/engine/node';
import { networkFromXconfig } from '@jebena/graph';
import { chainObjective, kaldiSgd, Trainer } from '@jebena/train';
import { FstBuilder, readFst } from '@jebena/wfst';
import { random } from './support/random.mjs';

const golden = resolve(import.meta.dirname, '../../shared/golden');
const python = process.env.JEBENA_PYTHON || 'python3';
const threads = availableParallelism();
const [sequences, frames, leaky] = [64, 50, 0.1];
const denominatorPass = threadedDenominator(threads);

/**
 * Each frame gathers the arcs' states and outputs (arcs x sequences) and adds them up by state and by pdf, with sparse
 * matrices in CSR form or with index_add_, whichever is faster; no autograd, which would keep all of that.
 */
const peer = `
import json, sys, time, warnings, numpy as np, torch
warnings.filterwarnings('ignore')
spec = json.load(sys.stdin)
torch.set_num_threads(spec['threads']); torch.set_grad_enabled(False)
read = lambda name, kind: torch.from_numpy(np.fromfile(spec['folder'] + '/' + name, dtype=kind))
S, P, N, T, leaky = spec['states'], spec['pdfs'], spec['sequences'], spec['frames'], spec['leaky']
start, end, pdf = (read(n, np.int32).long() for n in ('from', 'to', 'pdf'))
p, init, out = read('probability', np.float32), read('initial', np.float32), read('output', np.float32).view(T, N, P)
A = len(p); ones = torch.ones(A)
def csr(rows, n):
    order = torch.argsort(rows, stable=True)
    crow = torch.zeros(n + 1, dtype=torch.long); crow[1:] = torch.cumsum(torch.bincount(rows, minlength=n), 0)
    return torch.sparse_csr_tensor(crow, order, ones, (n, A))
matrices = {name: csr(rows, n) for name, rows, n in (('to', end, S), ('from', start, S), ('pdf', pdf, P))}
indexes = {'to': (end, S), 'from': (start, S), 'pdf': (pdf, P)}
def by_csr(name, y): return matrices[name] @ y
def by_index(name, y):
    rows, n = indexes[name]
    return torch.zeros(n, N).index_add_(0, rows, y)
pcol, icol = p[:, None], init[:, None]
def run(add):
    x = out.clamp(-30, 30).exp().transpose(1, 2).contiguous()
    alphas, totals, logprob = [icol.expand(S, N) / init.sum() + leaky * icol], [], init.sum().log() * N
    for t in range(T):
        a = add('to', alphas[-1][start] * x[t][pdf] * pcol)
        total = a.sum(0); totals.append(total); logprob = logprob + total.log().sum()
        alphas.append(a / total + leaky * icol)
    logprob = logprob + N * torch.log1p(leaky * init.sum())
    beta, posteriors = torch.ones(S, N), torch.empty(T, P, N)
    for t in range(T - 1, -1, -1):
        y = x[t][pdf] * beta[end] * pcol / totals[t]
        posteriors[t] = add('pdf', alphas[t][start] * y)
        beta = add('from', y)
        beta = beta + leaky * (init @ beta)
    return logprob.item(), posteriors.transpose(1, 2).contiguous()
best = None
for name, add in (('CSR products', by_csr), ('index_add_', by_index)):
    times = []
    for _ in range(spec['rounds']):
        begun = time.perf_counter(); logprob, posteriors = run(add); times.append(time.perf_counter() - begun)
    seconds = min(times)
    if best is None or seconds < best['seconds']:
        best = {'seconds': seconds, 'way': name, 'logProb': logprob, 'squares': posteriors.double().square().sum().item(), 'version': torch.__version__}
print(json.dumps(best))
`;

/** A ring of states, the other arcs anywhere. */
function randomDenominator(states, arcs, pdfs) {
  const draw = random(1);
  const any = (n) => Math.floor(draw() * n);
  const b = new FstBuilder({ states, arcs });
  b.ensureStates(states);
  b.setStart(0);
  for (let s = 0; s < states; s++)
    for (let a = 0; a < arcs / states; a++) {
      const label = 1 + any(pdfs);
      b.addArc(s, label, label, Math.log(arcs / states), a === 0 ? (s + 1) % states : any(states));
    }
  return b.build();
}

/** A transcript of phones: each a pdf to enter by and one to stay with, every fourth optional. */
function transcript(phones, pdfs, seed) {
  const draw = random(seed);
  const label = () => 1 + Math.floor(draw() * pdfs);
  const b = new FstBuilder();
  b.ensureStates(phones + 1);
  b.setStart(0);
  b.setFinal(phones);
  for (let s = 0; s < phones; s++) {
    for (const to of s % 4 === 1 && s + 2 <= phones ? [s + 1, s + 2] : [s + 1]) {
      const one = label();
      b.addArc(s, one, one, 0.7, to);
    }
    const loop = label();
    b.addArc(s + 1, loop, loop, 0.7, s + 1);
  }
  return b.build();
}

const endToEnd = (pdfs, count, length) => ({
  weight: 1,
  numSequences: count,
  framesPerSequence: length,
  labelDim: pdfs,
  e2eFsts: Array.from({ length: count }, (_, n) => transcript(16, pdfs, n)),
});

/** One path through all sequences: its numerator costs next to nothing. */
function onePath(pdfs) {
  const b = new FstBuilder();
  b.ensureStates(sequences * frames + 1);
  b.setStart(0);
  b.setFinal(sequences * frames);
  for (let s = 0; s < sequences * frames; s++) b.addArc(s, 1 + (s % pdfs), 1 + (s % pdfs), 0, s + 1);
  return { weight: 1, numSequences: sequences, framesPerSequence: frames, labelDim: pdfs, fst: b.build() };
}

function median(rounds, run) {
  run();
  const times = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[rounds >> 1];
}

/** The same with plain loops, as where there is no WebAssembly. */
function withoutWasm(run) {
  const { WebAssembly } = globalThis;
  globalThis.WebAssembly = undefined;
  try {
    return run();
  } finally {
    globalThis.WebAssembly = WebAssembly;
  }
}

function theirs(graph, output, rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  try {
    const { first, state, pdf, probability } = graph.leaving;
    const from = new Int32Array(graph.numArcs);
    for (let s = 0; s < graph.numStates; s++) from.fill(s, first[s], first[s + 1]);
    const arrays = { from, to: state, pdf, probability, initial: graph.initial, output: output.data };
    for (const [name, array] of Object.entries(arrays)) writeFileSync(join(folder, name), array);
    const { numStates: states, numPdfs: pdfs } = graph;
    const spec = { folder, threads, rounds, states, pdfs, sequences, frames, leaky };
    const options = { input: JSON.stringify(spec), encoding: 'utf8', timeout: 150_000 };
    const run = spawnSync(python, ['-c', peer], options);
    if (run.status === 0) return JSON.parse(run.stdout);
    return { why: (run.stderr || String(run.error)).trim().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(what, fst, pdfs, rounds) {
  const graph = new DenominatorGraph(fst, pdfs);
  const draw = random(2);
  const data = Float32Array.from({ length: sequences * frames * pdfs }, () => 4 * draw() - 2);
  const output = { rows: sequences * frames, cols: pdfs, data };
  const settings = { leakyHmmCoefficient: leaky };
  const evaluate = (g, supervision) => evaluateChain(g, supervision, output, { ...settings, denominatorPass });
  const single = onePath(pdfs);
  const ours = median(rounds, () => evaluate(graph, single));
  const whole = median(rounds, () => evaluate(graph, endToEnd(pdfs, sequences, frames)));
  const plain = withoutWasm(() => {
    const bare = new DenominatorGraph(fst, pdfs);
    return median(Math.min(rounds, 3), () => evaluateChain(bare, single, output, settings));
  });
  const ms = (value) => `${value.toFixed(1)} ms`;
  const mine = `objective and derivative ${ms(ours)} (${ms(whole)} with end-to-end numerators; ${ms(plain)} without WebAssembly)`;
  const found = theirs(graph, output, rounds);
  if (found.why)
    return console.log(`chain: ${what}: ${mine}; no PyTorch to compare with (${found.why}); set JEBENA_PYTHON`);
  // The path's own score is what is left of the objective, and 1 at its pdfs what is left of the derivative.
  const { objective, derivative } = evaluate(graph, single);
  let score = 0;
  let squares = 0;
  const onPath = (r, p) => p === ((r % sequences) * frames + Math.floor(r / sequences)) % pdfs;
  for (let r = 0; r < output.rows; r++)
    for (let p = 0; p < pdfs; p++) {
      const i = r * pdfs + p;
      if (onPath(r, p)) score += data[i];
      squares += (onPath(r, p) - derivative[i]) ** 2;
    }
  const apart = Math.max(Math.abs((score - objective) / found.logProb - 1), Math.abs(squares / found.squares - 1));
  if (!(apart < 1e-4)) throw new Error(`chain: ${what}: PyTorch has ${found.logProb}, ours ${score - objective}`);
  const ratio = ((1000 * found.seconds) / ours).toFixed(1);
  console.log(
    `chain: ${what}: ${mine}, PyTorch ${found.version} with ${found.way} ${ms(1000 * found.seconds)} (denominator alone): ratio ${ratio}`,
  );
}

/** The objective's share of a training step with natural gradient. */
async function share(what, xconfig, fst, pdfs, steps) {
  const engine = await createEngine({ threads });
  const network = networkFromXconfig(xconfig, { seed: 1 });
  const [left, right] = [network.leftContext, network.rightContext];
  const outputs = 47;
  const inputs = 3 * outputs - 2 + left + right;
  const rows = sequences * inputs;
  const feats = { rows, cols: 40, data: Float32Array.from({ length: rows * 40 }, random(3)) };
  const targets = { kind: 'chain', dim: pdfs, supervision: endToEnd(pdfs, sequences, outputs) };
  const output = { name: 'output', first: 0, count: outputs, stride: 3, targets };
  const minibatch = {
    key: 'noise',
    sequences,
    inputs: [{ name: 'input', first: -left, count: inputs, stride: 1, feats }],
    outputs: [output, { ...output, name: 'output-xent' }],
  };
  const chain = chainObjective({
    denominator: new DenominatorGraph(fst, pdfs),
    leakyHmmCoefficient: leaky,
    xentRegularize: 0.1,
    denominatorPass,
  });
  let spent = 0;
  const timed = {
    name: 'chain',
    evaluate: (...args) => {
      const begun = performance.now();
      const evaluation = chain.evaluate(...args);
      spent += performance.now() - begun;
      return evaluation;
    },
  };
  const model = network.load(engine);
  const optimizer = kaldiSgd()(model);
  const trainer = new Trainer(model, optimizer, () => timed);
  const shares = [];
  const times = [];
  // Natural gradient learns at each of the first ten steps, then at every fourth.
  for (let i = 0; i < steps + 11; i++) {
    spent = 0;
    const begun = performance.now();
    await trainer.step(minibatch, 1e-5);
    const took = performance.now() - begun;
    if (i < 11) continue;
    times.push(took);
    shares.push(spent / took);
  }
  await trainer.collect();
  optimizer.dispose();
  model.dispose();
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const percent = (100 * middle(shares)).toFixed(1);
  console.log(
    `chain: ${what}, 64 x 140 input frames on ${engine.name}: ${middle(times).toFixed(0)} ms a step, ${percent} % of it the objective with end-to-end numerators`,
  );
}

export default async function chainBench() {
  const big = randomDenominator(3000, 60_000, 3000);
  const small = existsSync(golden) ? readFst(readFileSync(join(golden, 'chain/den.fst'))) : undefined;
  if (small) compare('den.fst of 126 states, 483 arcs, 56 pdfs', small, 56, 15);
  compare('a random denominator of 3,000 states, 60,000 arcs, 3,000 pdfs', big, 3000, 2);
  if (!small) return console.log('chain: no ../shared to take networks from');
  const network = readFileSync(join(golden, 'decode/network.xconfig'), 'utf8');
  const larger = readFileSync(join(golden, 'big.xconfig'), 'utf8');
  await share('network.xconfig (TDNN-F of 0.6 M parameters)', network, small, 56, 12);
  await share('big.xconfig (TDNN-F of 4 M parameters)', larger, small, 56, 4);
  await share('big.xconfig with 3,000 pdfs', larger.replaceAll('dim=56', 'dim=3000'), big, 3000, 4);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await chainBench();
