import type { Tensor } from '@jebena/engine';
import type { Model, Network } from '@jebena/graph';
import { UpdatableComponent } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';

/**
 * A moving average of a model's parameters, kept on the engine: after each `update` it is `decay` of itself and
 * 1 - `decay` of the parameters. It begins as the parameters are (Polyak averaging).
 *
 * @example
 * ```ts
 * const average = new ExponentialAverage(model, 0.999);
 * for await (const event of train(model, options)(minibatches)) average.update();
 * const network = await average.save();
 * ```
 */
export class ExponentialAverage {
  private readonly averages = new Map<string, Tensor>();

  constructor(
    private readonly model: Model,
    private readonly decay: number,
  ) {
    if (!(decay >= 0 && decay < 1))
      throw new RangeError(`ExponentialAverage: expected a decay in [0, 1), found ${decay}`);
    const { engine } = model;
    for (const { component, name, tensor } of model.parameters())
      this.averages.set(`${component.name}.${name}`, engine.keep(engine.scale(tensor, 1)));
  }

  /** Takes the parameters as they are now into the average. */
  update(): void {
    const { engine } = this.model;
    for (const { component, name, tensor } of this.model.parameters()) {
      const key = `${component.name}.${name}`;
      const next = engine.tidy(() => {
        const old = this.averages.get(key)!;
        return engine.keep(engine.addScaled(old, engine.binary('sub', tensor, old), 1 - this.decay));
      });
      engine.dispose(this.averages.get(key));
      this.averages.set(key, next);
    }
  }

  /** The network with the averages in place of its parameters; statistics are the model's as they are now. */
  async save(): Promise<Network> {
    const { engine } = this.model;
    const values = new Map<string, Record<string, Matrix>>();
    for (const { component, name } of this.model.parameters()) {
      const tensor = this.averages.get(`${component.name}.${name}`)!;
      const { rows, cols } = tensor;
      const data = (await engine.read(tensor)).slice();
      values.set(component.name, { ...values.get(component.name), [name]: { rows, cols, data } });
    }
    return (await this.model.save()).withComponents((component, name) => {
      const parameters = values.get(name);
      return parameters && component instanceof UpdatableComponent ? component.withParameters(parameters) : component;
    });
  }

  dispose(): void {
    this.model.engine.dispose(...this.averages.values());
    this.averages.clear();
  }
}
