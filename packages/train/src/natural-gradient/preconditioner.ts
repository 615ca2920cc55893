import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import {
  type FisherSettings,
  type FisherState,
  initialFisher,
  orthonormalRows,
  reorthogonalizer,
  updateFisher,
  weightsE,
} from './low-rank-fisher.js';

/** Rows after natural gradient, and the factor that gives them back their size (1 x 1, on the engine). */
export interface Preconditioned {
  readonly rows: Tensor;
  readonly scale: Tensor;
}

/** Rows as they lie: blocks that stand side by side, and behind them, where there is a bias, a column of ones. */
export interface SideBySide {
  readonly blocks: readonly Tensor[];
  readonly ones: boolean;
}

/** Products of a minibatch that wait for an update of the estimate. */
interface Waiting {
  readonly rows: number;
  readonly j: Tensor;
  /** 1 x (2 rank^2 + 1): L, K and the trace. */
  readonly numbers: Tensor;
}

/** H = X W^T, L = H^T H and tr(X X^T). */
interface Products {
  readonly h: Tensor;
  readonly l: Tensor;
  readonly trace: Tensor;
}

/** L (W W^T - 2 I), element by element. */
const alongW = elementwise(3, 0, (e, [l, gram, twice]) => [e.mul(l!, e.sub(gram!, twice!))]);

/** The root of before / after. Of rows that are all zero nothing is left to scale: 0 / tiny. */
const ratio = (engine: Engine, before: Tensor, after: Tensor): Tensor =>
  engine.unary('sqrt', engine.binary('div', before, engine.binary('max', after, engine.full(1, 1, 1e-30))));

/** Updates that are made before any is left out. */
const initialUpdates = 10;

/**
 * Online natural gradient for the rows of one side of a layer (OnlineNaturalGradient in nnet3). Multiplying happens
 * on the engine at once; what the host must see to update the estimate is read in `settle`, after the step.
 */
export class Preconditioner {
  /** The estimate is not updated while this is set (backstitch's first half). */
  frozen = false;
  private steps = 0;
  private state: FisherState | undefined;
  private w: Tensor | undefined;
  /** W W^T */
  private gram: Tensor | undefined;
  private waiting: Waiting | undefined;
  private readonly rank: number;
  private readonly settings: FisherSettings;

  constructor(
    private readonly engine: Engine,
    private readonly dim: number,
    settings: FisherSettings & { readonly updatePeriod: number },
  ) {
    this.rank = Math.min(settings.rank, dim - 1);
    this.settings = settings;
    this.period = settings.updatePeriod;
  }
  private readonly period: number;

  /** Whether the first minibatch has been seen. */
  get ready(): boolean {
    return this.rank === 0 || this.state !== undefined;
  }

  /** Estimates from the first minibatch: a few rounds over the same rows. */
  async initialize(x: Tensor): Promise<void> {
    if (this.ready) return;
    const { engine, dim, rank } = this;
    const { state, w } = initialFisher(dim, rank, this.settings.alpha);
    this.state = state;
    this.w = engine.keep(engine.tensor(rank, dim, w));
    const rounds = x.rows <= rank ? 1 : 3;
    for (let i = 0; i < rounds; i++) {
      const products = engine.tidy(() => this.products({ blocks: [x], ones: false }));
      this.queue({ blocks: [x], ones: false }, products);
      engine.dispose(products.h, products.l, products.trace);
      await this.settle();
    }
  }

  /** Preconditions rows; inside `tidy`. The first minibatch must have been given to `initialize`. */
  precondition(x: Tensor): Preconditioned {
    const { engine } = this;
    if (this.rank === 0) return { rows: x, scale: engine.full(1, 1, 1) };
    const seen = { blocks: [x], ones: false };
    const products = this.look(seen);
    const rows = engine.addScaled(x, engine.matmul(products.h, this.w!), -1);
    return { rows, scale: ratio(engine, products.trace, engine.sumSquares(rows)) };
  }

  /**
   * The factor that {@link precondition} gives, without its rows: those X - X W^T W are only ever multiplied, so that
   * their product is as well made of X and then projected (`projectCols`, `projectRows`), which is less work where
   * there are more rows than weights; and the squares of the rows add up to tr(X X^T) - 2 tr(L) + tr(L W W^T) with
   * L = W X^T X W^T.
   */
  weigh(x: SideBySide): Tensor {
    const { engine } = this;
    if (this.rank === 0) return engine.full(1, 1, 1);
    const { l, trace } = this.look(x);
    this.gram ??= engine.keep(engine.matmul(this.w!, this.w!, { transposeB: true }));
    const along = engine.sumAll(engine.map(alongW, [l, this.gram, this.diagonal()])[0]!);
    // What is left is not less than the smallest factor leaves, whatever rounding says.
    const least = Math.min(...weightsE(this.state!, this.settings.alpha, this.dim).map((e) => (1 - e) ** 2)) / 2;
    const after = engine.binary('max', engine.binary('add', trace, along), engine.scale(trace, least));
    return ratio(engine, trace, after);
  }

  /** G - (G W^T) W of a product's columns that this side stands for. Consumes G. */
  projectCols(gradient: Tensor): Tensor {
    const { engine, w } = this;
    if (this.rank === 0) return gradient;
    return engine.intoAddMatmul(gradient, engine.matmul(gradient, w!, { transposeB: true }), w!, { scale: -1 });
  }

  /** G - W^T (W G) of a product's rows that this side stands for. Consumes G. */
  projectRows(gradient: Tensor): Tensor {
    const { engine, w } = this;
    if (this.rank === 0) return gradient;
    return engine.intoAddMatmul(gradient, w!, engine.matmul(w!, gradient), { transposeA: true, scale: -1 });
  }

  private diagonal(): Tensor {
    const { engine, rank } = this;
    const data = new Float32Array(rank * rank);
    for (let i = 0; i < rank; i++) data[i * rank + i] = 2;
    return (this.twice ??= engine.keep(engine.tensor(rank, rank, data)));
  }
  /** Twice the identity. */
  private twice: Tensor | undefined;

  private look(x: SideBySide): Products {
    const products = this.products(x);
    if (!this.frozen && this.updates()) this.queue(x, products);
    this.steps++;
    return products;
  }

  private updates(): boolean {
    return this.steps <= initialUpdates || (this.steps - initialUpdates) % this.period === 0;
  }

  private products({ blocks, ones }: SideBySide): Products {
    const { engine, dim } = this;
    const w = this.w!;
    let at = 0;
    let h: Tensor | undefined;
    let trace = engine.full(1, 1, ones ? blocks[0]!.rows : 0);
    for (const block of blocks) {
      const part = block.cols === dim ? w : engine.sliceCols(w, at, block.cols);
      const bias = ones ? engine.reshape(engine.sliceCols(w, dim - 1, 1), 1, w.rows) : undefined;
      h = h ? engine.intoAddMatmul(h, block, part, { transposeB: true }) : engine.affine(block, part, bias);
      trace = engine.binary('add', trace, engine.sumSquares(block));
      at += block.cols;
    }
    return { h: h!, l: engine.matmul(h!, h!, { transposeA: true }), trace };
  }

  private queue({ blocks, ones }: SideBySide, { h, l, trace }: Products): void {
    const { engine, rank } = this;
    this.discardWaiting();
    this.waiting = engine.tidy(() => {
      const parts = blocks.map((block) => engine.matmul(h, block, { transposeA: true }));
      if (ones) parts.push(engine.transpose(engine.sumRows(h)));
      const j = parts.length === 1 ? parts[0]! : engine.concatCols(parts);
      const k = engine.matmul(j, j, { transposeB: true });
      const flat = (t: Tensor): Tensor => engine.reshape(t, 1, rank * rank);
      const numbers = engine.concatCols([flat(l), flat(k), trace]);
      return { rows: h.rows, j: engine.keep(j), numbers: engine.keep(numbers) };
    });
  }

  /** Updates the estimate from what the last minibatch left waiting. */
  async settle(): Promise<void> {
    const { engine, waiting, rank, dim } = this;
    if (!waiting) return;
    this.waiting = undefined;
    const numbers = await engine.read(waiting.numbers);
    const size = rank * rank;
    const products = {
      rows: waiting.rows,
      dim,
      trace: numbers[2 * size]!,
      l: numbers.subarray(0, size),
      k: numbers.subarray(size, 2 * size),
    };
    if (numbers.every(Number.isFinite)) await this.commit(waiting.j, products);
    engine.dispose(waiting.j, waiting.numbers);
  }

  private async commit(j: Tensor, products: Parameters<typeof updateFisher>[2]): Promise<void> {
    const { engine, rank, settings } = this;
    const old = this.w!;
    const { state, a, w, reorthogonalize } = updateFisher(this.state!, settings, products, engine.symmetricEigen);
    let next = engine.tidy(() => {
      const b = engine.binary('add', j, engine.binary('mul', old, engine.tensor(rank, 1, w)));
      return engine.keep(engine.matmul(engine.tensor(rank, rank, a), b));
    });
    if (reorthogonalize) next = await this.reorthogonalized(next, state);
    engine.dispose(old, this.gram);
    this.w = next;
    this.gram = undefined;
    this.state = state;
  }

  private async reorthogonalized(w: Tensor, state: FisherState): Promise<Tensor> {
    const { engine, rank, dim, settings } = this;
    const gram = engine.tidy(() => engine.keep(engine.matmul(w, w, { transposeB: true })));
    const triangle = reorthogonalizer(state, settings.alpha, dim, await engine.read(gram));
    engine.dispose(gram);
    if (!triangle) return w;
    const next =
      triangle === 'failed'
        ? engine.keep(engine.tensor(rank, dim, orthonormalRows(state, settings.alpha, await engine.read(w))))
        : engine.tidy(() => engine.keep(engine.matmul(engine.tensor(rank, rank, triangle), w)));
    engine.dispose(w);
    return next;
  }

  /** What must be kept to go on exactly. */
  async save(): Promise<Record<string, Float32Array>> {
    if (!this.state || !this.w) return {};
    const { rho, d } = this.state;
    // Doubles are kept bit for bit in pairs of floats.
    const doubles = new Float32Array(Float64Array.of(this.steps, rho, ...d).buffer);
    return { w: (await this.engine.read(this.w)).slice(), doubles };
  }

  restore({ w, doubles }: Readonly<Record<string, Float32Array>>): void {
    if (!w || !doubles || this.rank === 0) return;
    this.dispose();
    const [steps, rho, ...d] = new Float64Array(doubles.slice().buffer);
    this.steps = steps!;
    this.state = { rho: rho!, d: Float64Array.from(d) };
    this.w = this.engine.keep(this.engine.tensor(this.rank, this.dim, w));
  }

  private discardWaiting(): void {
    if (this.waiting) this.engine.dispose(this.waiting.j, this.waiting.numbers);
    this.waiting = undefined;
  }

  dispose(): void {
    this.discardWaiting();
    this.engine.dispose(this.w, this.gram, this.twice);
    this.w = this.gram = this.twice = undefined;
  }
}
