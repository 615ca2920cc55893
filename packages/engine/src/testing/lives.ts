import type { Engine } from '../engine.js';
import type { Case } from './check.js';

const assert = (ok: boolean, what: string): void => {
  if (!ok) throw new Error(what);
};

/** A step of training in small: everything it makes is gone after it, but the parameters. */
async function trainingStep(e: Engine, weights: { w: ReturnType<Engine['zeros']> }): Promise<void> {
  const loss = e.tidy(() => {
    const x = e.randomNormal(4, 3, 1);
    const index = e.rowIndex(Int32Array.of(0, 1, -1, 2));
    const y = e.logSoftmax(e.affine(x, weights.w));
    const dy = e.logSoftmaxGrad(y, e.spreadCols(e.full(4, 1, 1), index, 5));
    const gradient = e.matmul(dy, e.gatherRows(x, index), { transposeA: true });
    weights.w = e.intoAddScaled(weights.w, gradient, 0.01);
    e.dispose(dy);
    return { total: e.sumAll(e.pickCols(y, index)) };
  });
  await e.read(loss.total);
  e.dispose(loss.total);
}

/** Who frees what. */
export const lives: Record<string, Case> = {
  'tidy frees what is neither returned nor kept': async ({ engine: e }) => {
    const before = e.liveTensors();
    let kept = e.zeros(1, 1);
    const out = e.tidy(() => {
      const a = e.full(2, 2, 1);
      const inner = e.tidy(() => [e.scale(a, 2), e.scale(a, 3)]);
      kept = e.keep(e.scale(a, 4));
      e.dispose(a, a, undefined);
      return { sum: e.binary('add', inner[0]!, inner[1]!), parts: inner };
    });
    assert(e.liveTensors() === before + 5, `live: ${e.liveTensors() - before}, expected 5`);
    assert((await e.read(out.sum))[3] === 5 && (await e.read(kept))[0] === 4, 'values are lost');
    e.dispose(out.sum, ...out.parts, kept);
  },
  'tidy frees everything when its function throws': async (t) => {
    const before = t.engine.liveTensors();
    t.refuses('ERR_ENGINE_SHAPE', () =>
      t.engine.tidy(() => t.engine.matmul(t.engine.zeros(2, 3), t.engine.zeros(2, 3))),
    );
    assert(t.engine.liveTensors() === before, 'tensors are left behind');
  },
  'keep takes a row index out of a tidy': async ({ engine: e }) => {
    const x = e.tensor(2, 1, Float32Array.of(3, 4));
    const index = e.tidy(() => {
      const made = e.keep(e.rowIndex(Int32Array.of(1, 0)));
      return () => made;
    })();
    const picked = await e.read(e.gatherRows(x, index));
    assert(picked[0] === 4 && picked[1] === 3, 'the row index is lost');
  },

  'intoAddScaled keeps what was kept': async ({ engine: e }) => {
    const before = e.liveTensors();
    let w = e.zeros(2, 2);
    e.tidy(() => (w = e.keep(w)));
    for (let i = 0; i < 3; i++) e.tidy(() => void (w = e.intoAddScaled(w, e.full(2, 2, 1), 0.5)));
    assert((await e.read(w))[0] === 1.5 && e.liveTensors() === before + 1, 'the sum is lost, or something leaks');
    e.dispose(w);
    e.tidy(() => void e.intoAddScaled(e.zeros(2, 2), e.full(2, 2, 1), 0.5));
    assert(e.liveTensors() === before, 'a sum outlives its tidy');
  },
  'no tensor is left after a thousand steps': async ({ engine: e }) => {
    const weights = { w: e.keep(e.randomNormal(5, 3, 2)) };
    const before = e.liveTensors();
    for (let i = 0; i < 1000; i++) await trainingStep(e, weights);
    assert(e.liveTensors() === before, `${e.liveTensors() - before} tensors more than before`);
    e.dispose(weights.w);
  },
};
