import type { Engine, Tensor } from '@jebena/engine';
import {
  type FisherSettings,
  type FisherState,
  initialFisher,
  orthonormalRows,
  reorthogonalizer,
  updateFisher,
} from './low-rank-fisher.js';

/** Rows after natural gradient, and the factor that gives them back their size (1 x 1, on the engine). */
export interface Preconditioned {
  readonly rows: Tensor;
  readonly scale: Tensor;
}

/** Products of a minibatch that wait for an update of the estimate. */
interface Waiting {
  readonly rows: number;
  readonly h: Tensor;
  readonly j: Tensor;
  /** 1 x (2 rank^2 + 1): L, K and the trace. */
  readonly numbers: Tensor;
}

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
      this.queue(x, engine.keep(engine.matmul(x, this.w, { transposeB: true })));
      await this.settle();
    }
  }

  /** Preconditions rows; inside `tidy`. The first minibatch must have been given to `initialize`. */
  precondition(x: Tensor): Preconditioned {
    const { engine } = this;
    if (this.rank === 0) return { rows: x, scale: engine.full(1, 1, 1) };
    const h = engine.matmul(x, this.w!, { transposeB: true });
    const rows = engine.addScaled(x, engine.matmul(h, this.w!), -1);
    if (!this.frozen && this.updates()) this.queue(x, engine.keep(h));
    this.steps++;
    const before = sumSquares(engine, x);
    const after = sumSquares(engine, rows);
    // Of rows that are all zero nothing is left to scale: 0 / tiny.
    const tiny = engine.full(1, 1, 1e-30);
    return { rows, scale: engine.unary('sqrt', engine.binary('div', before, engine.binary('max', after, tiny))) };
  }

  private updates(): boolean {
    return this.steps <= initialUpdates || (this.steps - initialUpdates) % this.period === 0;
  }

  private queue(x: Tensor, h: Tensor): void {
    const { engine, rank } = this;
    this.discardWaiting();
    const made = engine.tidy(() => {
      const j = engine.matmul(h, x, { transposeA: true });
      const l = engine.matmul(h, h, { transposeA: true });
      const k = engine.matmul(j, j, { transposeB: true });
      const flat = (t: Tensor): Tensor => engine.reshape(t, 1, rank * rank);
      return { j: engine.keep(j), numbers: engine.keep(engine.concatCols([flat(l), flat(k), sumSquares(engine, x)])) };
    });
    this.waiting = { rows: x.rows, h, ...made };
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
    engine.dispose(waiting.h, waiting.j, waiting.numbers);
  }

  private async commit(j: Tensor, products: Parameters<typeof updateFisher>[2]): Promise<void> {
    const { engine, rank, settings } = this;
    const old = this.w!;
    const { state, a, w, reorthogonalize } = updateFisher(this.state!, settings, products);
    let next = engine.tidy(() => {
      const b = engine.binary('add', j, engine.binary('mul', old, engine.tensor(rank, 1, w)));
      return engine.keep(engine.matmul(engine.tensor(rank, rank, a), b));
    });
    if (reorthogonalize) next = await this.reorthogonalized(next, state);
    engine.dispose(old);
    this.w = next;
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
    if (this.waiting) this.engine.dispose(this.waiting.h, this.waiting.j, this.waiting.numbers);
    this.waiting = undefined;
  }

  dispose(): void {
    this.discardWaiting();
    this.engine.dispose(this.w);
    this.w = undefined;
  }
}

/** 1 x 1: what the squares of all values add up to. */
export const sumSquares = (engine: Engine, x: Tensor): Tensor => engine.sumAll(engine.unary('square', x));
