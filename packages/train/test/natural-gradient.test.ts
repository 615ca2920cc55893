import { createEngine, type Tensor } from '@jebena/engine';
import type { TrainableComponent } from '@jebena/graph';
import { kaldiSgd, type TrainableModel } from '@jebena/train';
import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';

const engine = await createEngine({ engine: 'tfjs-cpu' });
const alpha = 4;
const history = 2000;

/**
 * The Fisher matrix of one side as its definition has it, with whole matrices: F = R^T D R + rho I, each minibatch
 * mixed in, and brought back to that form by one step of subspace iteration.
 */
class DenseFisher {
  private r: Matrix;
  private d: number[];
  private rho = 1e-10;

  constructor(
    private readonly dim: number,
    private readonly rank: number,
  ) {
    this.d = Array<number>(rank).fill(1e-10);
    this.r = Matrix.zeros(rank, dim);
    for (let i = 0; i < rank; i++) {
      for (let c = i; c < dim; c += rank) this.r.set(i, c, c === i ? 1.1 : 1);
      const norm = this.r.getRowVector(i).norm();
      for (let c = 0; c < dim; c++) this.r.set(i, c, this.r.get(i, c) / norm);
    }
  }

  private get matrix(): Matrix {
    return this.r.transpose().mmul(Matrix.diag(this.d)).mmul(this.r).add(Matrix.eye(this.dim).mul(this.rho));
  }

  /** Rows times the inverse of F, smoothed by alpha times its mean; then of the size they had. */
  precondition(x: Matrix): Matrix {
    const f = this.matrix;
    const smooth = f.add(Matrix.eye(this.dim).mul((alpha / this.dim) * f.trace()));
    const rows = x.mmul(inverse(smooth));
    return rows.mul(x.norm() / rows.norm());
  }

  update(x: Matrix): void {
    const eta = Math.min(0.9, 1 - Math.exp(-x.rows / history));
    const mixed = x
      .transpose()
      .mmul(x)
      .mul(eta / x.rows)
      .add(this.matrix.mul(1 - eta));
    const y = this.r.mmul(mixed);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(y.mmul(y.transpose()), {
      assumeSymmetric: true,
    });
    const roots = realEigenvalues.map(Math.sqrt);
    this.r = Matrix.diag(roots.map((root) => 1 / root))
      .mmul(eigenvectorMatrix.transpose())
      .mmul(y);
    const rho = (mixed.trace() - roots.reduce((a, b) => a + b, 0)) / (this.dim - this.rank);
    const floor = Math.max(1e-10, 5e-4 * Math.max(...roots));
    this.d = roots.map((root) => Math.max(root - rho, floor));
    this.rho = Math.max(rho, floor);
  }
}

const draw = (rows: number, cols: number, seed: number): Matrix => {
  const mix = (i: number): number => Math.sin(seed * 91.7 + i * 12.9898) * 43758.5453;
  const cell = (i: number): number => mix(i) - Math.floor(mix(i)) - 0.5;
  // Directions of different sizes, else there would be nothing to precondition.
  return new Matrix(
    Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (_, c) => cell(r * cols + c) * 2 ** -c)),
  );
};

test('natural gradient of a small layer is that of dense Fisher matrices of both sides', async () => {
  const [outs, ins, rows, period] = [5, 7, 30, 4] as const;
  const [rankIn, rankOut] = [4, 2];
  let value = engine.keep(engine.zeros(outs, ins));
  const component = {
    name: 'c',
    learningRateFactor: 1,
    maxChange: 0,
    l2Regularize: 0,
    orthonormalConstraint: 0,
    naturalGradient: {
      rankIn,
      rankOut,
      alphaIn: alpha,
      alphaOut: alpha,
      numSamplesHistory: history,
      updatePeriod: period,
    },
    parameters: ['linear'],
  } as unknown as TrainableComponent;
  const model: TrainableModel = {
    engine,
    trainable: [component],
    parameter: () => value,
    replace: (_, tensor: Tensor) => {
      if (tensor !== value) engine.dispose(value);
      value = engine.keep(tensor);
    },
  };
  const optimizer = kaldiSgd({ maxParamChange: 0 })(model);
  const sides = [new DenseFisher(ins, rankIn), new DenseFisher(outs, rankOut)] as const;
  const update = (x: Matrix, dy: Matrix): void => {
    sides[0].update(x);
    sides[1].update(dy);
  };
  const tensor = (m: Matrix): Tensor => engine.tensor(m.rows, m.columns, Float32Array.from(m.to1DArray()));
  let want = Matrix.zeros(outs, ins);
  for (let count = 0; count < 25; count++) {
    const [x, dy] = [draw(rows, ins, 2 * count), draw(rows, outs, 2 * count + 1)];
    // The first minibatch starts the estimate: three rounds over it.
    for (let i = 0; count === 0 && i < 3; i++) update(x, dy);
    want = want.add(sides[1].precondition(dy).transpose().mmul(sides[0].precondition(x)).mul(0.1));
    if (count <= 10 || (count - 10) % period === 0) update(x, dy);
    engine.tidy(() => optimizer.sink('c')!.affine('linear', undefined, tensor(x), tensor(dy)));
    await optimizer.step({ learningRate: 0.1, weight: rows, sequences: rows, count });
    const got = new Matrix([[...(await engine.read(value))]]);
    const off = Matrix.sub(got, new Matrix([want.to1DArray()])).norm() / want.norm();
    expect(off, `after minibatch ${count}`).toBeLessThan(1e-4);
  }
  optimizer.dispose();
  engine.dispose(value);
});
