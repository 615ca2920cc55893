import { namePattern, type TrainableComponent } from '@jebena/graph';
import type { Optimizer, OptimizerFactory, Step, TrainableModel } from './optimizer.js';

/**
 * An optimizer for each group of components: of the patterns (`*` stands for any text) the first that names a
 * component takes it; what `null` takes, or no pattern, stays as it is, bit for bit. Limits of norms hold within a
 * group.
 *
 * @example
 * ```ts
 * byLayer([['tdnn1*', null], ['output*', adam({ weightDecay: 0.01 })], ['*', sgd({ momentum: 0.9 })]])(model);
 * ```
 */
export const byLayer =
  (groups: readonly (readonly [pattern: string, factory: OptimizerFactory | null])[]): OptimizerFactory =>
  (model) =>
    new ByLayer(model, groups);

class ByLayer implements Optimizer {
  readonly name: string;
  private readonly parts: readonly Optimizer[];
  private readonly partOf = new Map<string, Optimizer>();

  constructor(model: TrainableModel, groups: Parameters<typeof byLayer>[0]) {
    const taken = new Set<string>();
    const parts: Optimizer[] = [];
    for (const [pattern, factory] of groups) {
      const matches = namePattern(pattern);
      const mine = model.trainable.filter(({ name }) => matches(name) && !taken.has(name));
      for (const { name } of mine) taken.add(name);
      if (mine.length === 0) throw new RangeError(`byLayer: expected a component left for '${pattern}', found none`);
      if (!factory) continue;
      const part = factory(only(model, mine));
      if (part.passes) throw new RangeError(`byLayer: expected an optimizer of one pass, found ${part.name}`);
      parts.push(part);
      for (const { name } of mine) this.partOf.set(name, part);
    }
    this.parts = parts;
    this.name = `by-layer(${parts.map(({ name }) => name).join()})`;
  }

  sink(component: string): ReturnType<Optimizer['sink']> {
    return this.partOf.get(component)?.sink(component);
  }

  async step(step: Step): Promise<void> {
    for (const part of this.parts) await part.step(step);
  }

  discard(): void {
    for (const part of this.parts) part.discard();
  }

  /** Names of components differ from part to part, and so do the names of arrays. */
  async state(): Promise<Record<string, Float32Array>> {
    const states = await Promise.all(this.parts.map((part) => part.state()));
    return Object.assign({}, ...states) as Record<string, Float32Array>;
  }

  restore(state: Readonly<Record<string, Float32Array>>): void {
    for (const part of this.parts) part.restore(state);
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }
}

const only = (model: TrainableModel, trainable: readonly TrainableComponent[]): TrainableModel => ({
  engine: model.engine,
  trainable,
  parameter: (component, name) => model.parameter(component, name),
  replace: (parameter, tensor) => model.replace(parameter, tensor),
});
