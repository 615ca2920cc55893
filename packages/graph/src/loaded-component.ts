import type { Engine, Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import { type Component, UpdatableComponent } from './component.js';
import { EngineStatistics } from './statistics.js';
import type { TrainableComponent } from './trainable.js';

/** A component of a model: its parameters, constants and statistics on an engine. */
export class LoadedComponent {
  readonly tensors: Record<string, Tensor> = {};
  readonly statistics: EngineStatistics;
  readonly trainable: TrainableComponent | undefined;
  private readonly made = new Map<string, Tensor>();
  private readonly joints = new Map<string, { of: readonly Tensor[]; tensor: Tensor }>();
  /** Parameters that are not as they were loaded. */
  private readonly replaced = new Set<string>();

  constructor(
    readonly name: string,
    public component: Component,
    private readonly engine: Engine,
  ) {
    const put = (values: Record<string, Matrix>): void => {
      for (const [key, m] of Object.entries(values))
        this.tensors[key] = engine.keep(engine.tensor(m.rows, m.cols, m.data));
    };
    put(component.constants());
    if (component instanceof UpdatableComponent) {
      const parameters = component.parameters();
      put(parameters);
      if (component.updatable)
        this.trainable = {
          name,
          type: component.type,
          learningRate: component.learningRate,
          learningRateFactor: component.learningRateFactor,
          maxChange: component.maxChange,
          l2Regularize: component.l2Regularize,
          orthonormalConstraint: component.orthonormal,
          naturalGradient: component.naturalGradient,
          parameters: Object.keys(parameters),
        };
    }
    this.statistics = new EngineStatistics(engine, component.statistics(), () => this.forget());
  }

  /** Arrow functions, so that a call may take them apart. */
  readonly derived = (name: string, make: () => Tensor): Tensor => {
    let t = this.made.get(name);
    if (!t) this.made.set(name, (t = this.engine.keep(make())));
    return t;
  };

  /** A tensor made of others, those of more components among them; made again when one of them is another. */
  joint(name: string, of: readonly Tensor[], make: () => Tensor): Tensor {
    const found = this.joints.get(name);
    if (found?.of.every((t, i) => t === of[i])) return found.tensor;
    if (found) this.engine.dispose(found.tensor);
    const tensor = this.engine.keep(make());
    this.joints.set(name, { of, tensor });
    return tensor;
  }

  isDerived(t: Tensor): boolean {
    for (const made of this.made.values()) if (made === t) return true;
    return false;
  }

  private forget(): void {
    if (this.made.size === 0) return;
    this.engine.dispose(...this.made.values());
    this.made.clear();
  }

  replace(parameter: string, tensor: Tensor): void {
    const before = this.tensors[parameter];
    if (!before || before.rows !== tensor.rows || before.cols !== tensor.cols)
      throw new RangeError(
        `${this.name}.${parameter}: expected ${before ? `${before.rows} x ${before.cols}` : 'a parameter'}, found ${tensor.rows} x ${tensor.cols}`,
      );
    this.tensors[parameter] = this.engine.keep(tensor);
    if (before !== tensor) this.engine.dispose(before);
    this.replaced.add(parameter);
    this.forget();
    this.forgetJoints();
  }

  private forgetJoints(): void {
    for (const { tensor } of this.joints.values()) this.engine.dispose(tensor);
    this.joints.clear();
  }

  /** The component with what training made of it. */
  async save(): Promise<Component> {
    let component = this.component;
    if (this.replaced.size && component instanceof UpdatableComponent) {
      const parameters: Record<string, Matrix> = {};
      for (const name of this.replaced) {
        const t = this.tensors[name]!;
        parameters[name] = { rows: t.rows, cols: t.cols, data: await this.engine.read(t) };
      }
      component = component.withParameters(parameters);
    }
    return this.statistics.changed ? component.withStatistics(await this.statistics.toHost()) : component;
  }

  dispose(): void {
    this.forget();
    this.forgetJoints();
    this.statistics.dispose();
    this.engine.dispose(...Object.values(this.tensors));
  }
}
