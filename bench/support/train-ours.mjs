// One measurement of the bench of training steps, in a process of its own so that its memory can be told. Standard input
// says which; seconds a step, the floating-point operations of its matrix products and the memory are printed.
import { readFileSync } from 'node:fs';
import { createEngine } from '@jebena/engine/node';
import { crossEntropy, kaldiSgd, sgd, Trainer } from '@jebena/train';
import { cases, minibatchOf } from './train-cases.mjs';

const { name, precision, threads, natural, share = 1 } = JSON.parse(readFileSync(0, 'utf8'));
const { network, data, sequences, steps } = cases[name];
const engine = await createEngine({ threads, precision });
const model = network().load(engine);
const optimizer = (natural ? kaldiSgd() : sgd({ momentum: 0.9 }))(model);
const trainer = new Trainer(model, optimizer, () => crossEntropy());
const step = async (minibatch) => {
  await trainer.step(minibatch, 0.00001);
  await trainer.collect();
};

// Natural gradient renews its estimates at each of the first steps, later at one in four.
const small = minibatchOf(data, Math.max(4, Math.round(sequences / 16)));
for (let i = 0; i < (natural ? 11 : 0); i++) await step(small);
const minibatch = minibatchOf(data, Math.round(sequences * share));
await step(minibatch);
const operations = await counted(() => step(minibatch));
const times = [];
const rounds = natural ? Math.ceil(steps / 4) * 4 : steps;
for (let i = 0; i < rounds; i++) {
  const begun = performance.now();
  await step(minibatch);
  times.push((performance.now() - begun) / 1000);
}
const sorted = times.toSorted((a, b) => a - b);
const mean = times.reduce((a, b) => a + b, 0) / times.length;
const seconds = natural ? mean : sorted[times.length >> 1];
const megabytes = process.resourceUsage().maxRSS / 1024;
const product = productSpeed();
console.log(JSON.stringify({ seconds, operations, megabytes, product, engine: engine.name }));

/** Runs `fn` and adds up the operations of its products. */
async function counted(fn) {
  let total = 0;
  const sizes = {
    matmul: (a, b, o = {}) => [
      o.transposeA ? a.cols : a.rows,
      o.transposeA ? a.rows : a.cols,
      o.transposeB ? b.rows : b.cols,
    ],
    affine: (x, w) => [x.rows, x.cols, w.rows],
    affineRelu: (x, w) => [x.rows, x.cols, w.rows],
    intoAddMatmul: (_, a, b, o) => sizes.matmul(a, b, o),
    intoMomentum: (value, velocity, a, b) => [a.cols, a.rows, b.cols],
    affinePatches: (x, patches, perRow, w) => [patches.length / perRow, perRow * x.cols, w.rows],
    matmulPatches: (dy, x, patches, perRow) => [dy.cols, dy.rows, perRow * x.cols],
  };
  let depth = 0;
  for (const [op, size] of Object.entries(sizes))
    engine[op] = (...given) => {
      if (depth === 0) total += 2 * size(...given).reduce((a, b) => a * b, 1);
      depth++;
      try {
        return Object.getPrototypeOf(engine)[op].apply(engine, given);
      } finally {
        depth--;
      }
    };
  await fn();
  for (const op of Object.keys(sizes)) delete engine[op];
  return total;
}

/** The engine's own speed: a product of 2048 x 1024 x 1024, operations a second, the best of some. */
function productSpeed() {
  const fill = (rows, cols) =>
    engine.tensor(
      rows,
      cols,
      Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i)),
    );
  const [x, w] = [fill(2048, 1024), fill(1024, 1024)];
  let best = Infinity;
  for (let i = 0; i < 8; i++) {
    const begun = performance.now();
    const y = engine.affine(x, w);
    // The product is made by the time that something of it is read.
    engine.tidy(() => engine.readSync(engine.sliceRows(engine.sliceCols(y, 0, 1), 0, 1)));
    best = Math.min(best, (performance.now() - begun) / 1000);
    engine.dispose(y);
  }
  return (2 * 2048 * 1024 * 1024) / best;
}
