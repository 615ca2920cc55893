import type { Engine, Tensor } from '@jebena/engine';

/**
 * One step of `weights` towards a matrix whose rows (or columns, where there are more rows than columns) are
 * orthogonal and of one length (ConstrainOrthonormal in nnet3/nnet-utils.cc; Povey et al. 2018, "Semi-orthogonal
 * low-rank matrix factorization for deep neural networks").
 *
 * @param constraint the length; below 0 it is what fits best now ("floating")
 */
export async function towardsOrthonormal(engine: Engine, weights: Tensor, constraint: number): Promise<Tensor> {
  const wide = weights.rows <= weights.cols;
  const [p, numbers] = engine.tidy(() => {
    const p = engine.matmul(weights, weights, wide ? { transposeB: true } : { transposeA: true });
    const trace = engine.sumSquares(weights);
    const squares = engine.sumSquares(p);
    return [engine.keep(p), engine.keep(engine.concatCols([trace, squares]))] as const;
  });
  const [trace, squares] = (await engine.read(numbers)) as unknown as [number, number];
  let speed = 0.125;
  let square = constraint * constraint;
  if (constraint < 0) {
    square = squares / trace;
    // Far from the goal the step may overshoot.
    const ratio = (squares * p.rows) / (trace * trace);
    if (ratio > 1.02) speed *= 0.5;
    if (ratio > 1.1) speed *= 0.25;
  }
  const next = engine.tidy(() => {
    const off = engine.binary('sub', p, diagonal(engine, p.rows, square));
    const step = wide ? engine.matmul(off, weights) : engine.matmul(weights, off);
    return engine.keep(engine.addScaled(weights, step, (-4 * speed) / square));
  });
  engine.dispose(p, numbers);
  return next;
}

function diagonal(engine: Engine, size: number, value: number): Tensor {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = value;
  return engine.tensor(size, size, data);
}
