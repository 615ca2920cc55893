import { createEngine, type Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { distances, endOf, startOf, trainPass } from './golden-steps.js';

/**
 * The first estimates of a convolution's Fisher matrix are of fewer rows than their rank: what fills the rest is
 * rounding noise of the products, which no two libraries share. So a run is one draw of many, and so is Kaldi's.
 */
const noisy: readonly (readonly [string, string])[] = [
  ['cnn', 'sgd'],
  ['cnn', 'backstitch'],
  ['resnet', 'backstitch'],
];

/** Adds to every product what another order of summing in single precision may: up to 3e-7 of the terms' sizes. */
function addRounding(engine: Engine): void {
  const exact = engine.matmul.bind(engine);
  let state = 1;
  const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
  engine.matmul = (a, b, options) => {
    const y = exact(a, b, options);
    const sizes = exact(engine.unary('abs', a), engine.unary('abs', b), options);
    const noise = Float32Array.from({ length: y.rows * y.cols }, () => 3e-7 * draw());
    return engine.binary('add', y, engine.binary('mul', sizes, engine.tensor(y.rows, y.cols, noise)));
  };
}

testShared(
  'where rounding decides, Kaldi ends among our draws: not further from them than they lie apart',
  async () => {
    const engine = await createEngine({ engine: 'tfjs-cpu' });
    addRounding(engine);
    for (const [name, pass] of noisy) {
      const kaldi = endOf(name, pass);
      const moved = distances(kaldi, startOf(name));
      const draws: Network[] = [];
      for (let i = 0; i < 4; i++) draws.push((await trainPass(engine, [name, pass])).network);
      const toKaldi = draws.map((draw) => distances(draw, kaldi));
      const among = draws.flatMap((a, i) => draws.slice(0, i).map((b) => distances(a, b)));
      for (const parameter of Object.keys(moved)) {
        const nearest = Math.min(...toKaldi.map((d) => d[parameter]!));
        const widest = Math.max(...among.map((d) => d[parameter]!));
        // Half a per cent of the way, for what repairing units by other draws brings.
        expect(nearest, `${name}, ${pass}, ${parameter}`).toBeLessThan(widest + 0.005 * moved[parameter]!);
      }
    }
  },
  240_000,
);
