import { execFile } from 'node:child_process';
import { addonFolder } from '@jebena/engine/node';
import { expect, test } from 'vitest';

// Operations by the thousand, on matrices of which some lie within others, some are freed and some changed in place. None
// adds up rows, which each thread does for a part of them.
const program = `
  import { createHash } from 'node:crypto';
  import { createEngine } from '@jebena/engine/node';
  import { elementwise } from '@jebena/engine';
  const [threads, seed] = process.argv.slice(1).map(Number);
  const e = await createEngine({ engine: 'tensorflow', threads });
  const sizes = [4, 32, 200];
  let state = seed >>> 0;
  const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const both = elementwise(2, 0, (w, [a, b]) => [w.op('tanh', w.add(a, b)), w.op('sigmoid', w.sub(a, b))]);
  const pool = sizes.map((n) => Array.from({ length: 6 }, (_, i) => e.randomNormal(n, n, 10 * n + i)));
  const hash = createHash('sha256');
  for (let i = 0; i < 4000; i++) {
    const mine = pool[below(3)];
    const n = mine[0].rows;
    const pick = () => mine[below(6)];
    const put = (...made) => {
      for (const t of made) {
        const at = below(6);
        e.dispose(mine[at]);
        mine[at] = t;
      }
    };
    const half = below(n - 1);
    const index = () => e.rowIndex(Int32Array.from({ length: n }, () => below(n + 1) - 1));
    const into = (fn) => {
      const at = below(6);
      const [x, y] = [pick(), pick()];
      if (x === mine[at] || y === mine[at]) return;
      mine[at] = fn(mine[at], x, y);
    };
    const tanh = (t) => e.map(both, [t, t])[0];
    [
      () => put(...e.map(both, [pick(), pick()])),
      () => put(e.tidy(() => tanh(e.scale(e.matmul(pick(), pick(), { transposeB: below(2) > 0 }), 0.1)))),
      () => into((sum, x) => e.intoAddScaled(sum, x, 0.25)),
      () => into((sum, x, y) => e.intoAddMatmul(sum, x, y, { scale: 0.001 })),
      () => put(e.tidy(() => e.concatRows([e.sliceRows(pick(), half, n - half), e.sliceRows(pick(), 0, half)]))),
      () => put(e.tidy(() => e.concatCols([e.sliceCols(pick(), half, n - half), e.sliceCols(pick(), 0, half)]))),
      () => put(e.tidy(() => e.gatherRows(pick(), index()))),
      () => put(e.tidy(() => tanh(e.scatterAddRows(pick(), index(), n)))),
      () => into((sum, x) => e.tidy(() => e.intoAddRows(sum, e.sliceRows(x, half, 1), half, 0.5))),
      () => put(e.reshape(e.transpose(pick()), n, n), e.unary('sigmoid', pick())),
      () => put(e.affineRelu(pick(), pick(), undefined), e.randomNormal(n, n, i)),
    ][below(11)]();
    if (below(400) === 0) hash.update(e.readSync(pick()));
  }
  for (const t of pool.flat()) hash.update(e.readSync(t));
  process.stdout.write(hash.digest('hex'));`;

const run = (threads: number, seed: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const args = ['--input-type=module', '-e', program, String(threads), String(seed)];
    execFile(process.execPath, args, { cwd: new URL('..', import.meta.url) }, (error, printed) =>
      error ? reject(error) : resolve(printed),
    );
  });

test.runIf(addonFolder()).each([1, 2])(
  'what is done later is what would be done at once (seed %i)',
  async (seed) => {
    const [atOnce, two, seven] = await Promise.all([1, 2, 7].map((threads) => run(threads, seed)));
    expect(atOnce).toMatch(/^[0-9a-f]{64}$/);
    expect(two).toBe(atOnce);
    expect(seven).toBe(atOnce);
  },
  60_000,
);
