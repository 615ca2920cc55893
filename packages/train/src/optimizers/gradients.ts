import type { Engine, Tensor } from '@jebena/engine';
import { affineGradient, type GradientSink } from '@jebena/graph';

/** Gradients of all parameters, added up plainly on the engine. */
export class Gradients {
  private readonly sums = new Map<string, Tensor>();
  constructor(private readonly engine: Engine) {}

  sink(component: string): GradientSink {
    const { engine } = this;
    const add = (parameter: string, gradient: Tensor): void => this.add(`${component}.${parameter}`, gradient);
    return {
      affine: (weights, bias, x, dy) => {
        add(weights, affineGradient(engine, x, dy));
        if (bias) add(bias, engine.sumRows(dy));
      },
      rows: (parameter, perRow) => add(parameter, engine.sumRows(perRow)),
      whole: (parameter, gradient) => add(parameter, engine.scale(gradient, 1)),
    };
  }

  /** Adds a gradient that this object may keep. */
  private add(key: string, gradient: Tensor): void {
    const sum = this.sums.get(key);
    // The sums outlive the `tidy` around a backward pass.
    const next = this.engine.keep(sum ? this.engine.intoAddScaled(gradient, sum, 1) : gradient);
    if (sum) this.engine.dispose(sum);
    this.sums.set(key, next);
  }

  get(component: string, parameter: string): Tensor | undefined {
    return this.sums.get(`${component}.${parameter}`);
  }

  all(): Iterable<Tensor> {
    return this.sums.values();
  }

  clear(): void {
    this.engine.dispose(...this.sums.values());
    this.sums.clear();
  }
}
