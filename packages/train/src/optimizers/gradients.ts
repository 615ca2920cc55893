import type { Engine, Tensor } from '@jebena/engine';
import { type AffineInput, affineGradient, type GradientSink } from '@jebena/graph';

/** The gradient dy^T x of weights that has not been multiplied yet. */
export interface Factors {
  readonly dy: Tensor;
  readonly x: Tensor;
}

/** Gradients of all parameters, added up plainly on the engine. */
export class Gradients {
  private readonly sums = new Map<string, Tensor>();
  private readonly factors = new Map<string, Factors>();

  /** @param factored whether the gradient of weights may stay in two factors, where these are smaller than it would be */
  constructor(
    private readonly engine: Engine,
    private readonly factored = false,
  ) {}

  sink(component: string): GradientSink {
    const { engine } = this;
    const add = (parameter: string, gradient: Tensor): void => this.add(`${component}.${parameter}`, gradient);
    return {
      affine: (weights, bias, x, dy) => {
        if (!this.holdFactors(`${component}.${weights}`, x, dy)) add(weights, affineGradient(engine, x, dy));
        if (bias) add(bias, engine.sumRows(dy));
      },
      rows: (parameter, perRow) => add(parameter, engine.sumRows(perRow)),
      whole: (parameter, gradient) => add(parameter, engine.scale(gradient, 1)),
    };
  }

  /** Holds the factors of a parameter's first gradient. */
  private holdFactors(key: string, x: AffineInput, dy: Tensor): boolean {
    if (!this.factored || this.sums.has(key) || this.factors.has(key)) return false;
    if (!('rows' in x) || dy.rows === 0 || dy.rows * (x.cols + dy.cols) > x.cols * dy.cols) return false;
    const { engine } = this;
    // Views: what was handed over may be freed, or its place be taken, before the step.
    const held = (t: Tensor): Tensor => engine.keep(engine.sliceRows(t, 0, t.rows));
    this.factors.set(key, { dy: held(dy), x: held(x) });
    return true;
  }

  /** Adds a gradient that this object may keep. */
  private add(key: string, gradient: Tensor): void {
    const { engine } = this;
    const factors = this.factors.get(key);
    const sum = this.sums.get(key);
    // The sums outlive the `tidy` around a backward pass.
    if (factors) {
      this.sums.set(key, engine.keep(engine.intoAddMatmul(gradient, factors.dy, factors.x, { transposeA: true })));
      engine.dispose(factors.dy, factors.x);
      this.factors.delete(key);
      return;
    }
    const next = engine.keep(sum ? engine.intoAddScaled(gradient, sum, 1) : gradient);
    if (sum) engine.dispose(sum);
    this.sums.set(key, next);
  }

  get(component: string, parameter: string): Tensor | undefined {
    return this.sums.get(`${component}.${parameter}`);
  }

  factorsOf(component: string, parameter: string): Factors | undefined {
    return this.factors.get(`${component}.${parameter}`);
  }

  all(): Iterable<Tensor> {
    return this.sums.values();
  }

  clear(): void {
    this.engine.dispose(...this.sums.values(), ...[...this.factors.values()].flatMap(({ dy, x }) => [dy, x]));
    this.sums.clear();
    this.factors.clear();
  }
}
