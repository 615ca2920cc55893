import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import type { GradientSink, TrainableComponent } from '@jebena/graph';
import { NaturalGradients } from '../natural-gradient/natural-gradients.js';
import { DivergedError } from '../trainer/diverged-error.js';
import { limitChange } from './max-change.js';
import type { Optimizer, OptimizerFactory, Step, TrainableModel } from './optimizer.js';
import { towardsOrthonormal } from './orthonormal-constraint.js';

/** Settings of {@link kaldiSgd}, as `nnet3-train` takes them. */
export interface KaldiSgdSettings {
  /** Largest 2-norm of the whole change in one step; 0 stands for no limit. Default 2. */
  readonly maxParamChange?: number;
  /** Share of the last change that is made again, in [0, 1). The learning rate keeps its meaning. Default 0. */
  readonly momentum?: number;
  /** Multiplies every component's l2-regularize. Default 1. */
  readonly l2RegularizeFactor?: number;
  /**
   * Backstitch: every minibatch (of those that the interval takes) is first unlearned by this share, then learned by 1
   * plus it, from a new gradient. 0 (default): off. Cannot be had together with momentum.
   */
  readonly backstitchScale?: number;
  readonly backstitchInterval?: number;
  /** Shifts the steps at which constraints (one in four) and backstitch (one in an interval) are applied. */
  readonly seed?: number;
}

/**
 * The optimizer of `nnet3-train`: stochastic gradient descent on sums over frames, natural gradient where components
 * ask for it, max-change, l2 regularization and orthonormal constraints (nnet3/nnet-training.cc, nnet-utils.cc).
 * A learning rate of NaN stands for each component's own, as in the model file.
 */
export const kaldiSgd =
  (settings: KaldiSgdSettings = {}): OptimizerFactory =>
  (model) =>
    new KaldiSgd(model, settings);

/** Numbers times one, two or three matrices. */
const sums = [1, 2, 3].map((count) =>
  elementwise(count, count, (e, [first, ...rest]) => {
    const start = e.mul(first!, e.parameter(0));
    return [rest.reduce((sum, x, i) => e.mulAdd(x, e.parameter(i + 1), sum), start)];
  }),
);
/** value + number * delta, and what is left of delta. */
const moved = elementwise(2, 2, (e, [value, delta]) => [
  e.mulAdd(delta!, e.parameter(0), value!),
  e.mul(delta!, e.parameter(1)),
]);

class KaldiSgd implements Optimizer {
  readonly name = 'kaldi-sgd';
  private readonly engine: Engine;
  private readonly gradients = new Map<string, NaturalGradients>();
  /** What the parameters are about to change by, but for what {@link scales} says. */
  private readonly deltas = new Map<string, Tensor>();
  /** What a component's deltas are yet to be multiplied by; 1 where it is not named. */
  private readonly scales = new Map<string, number>();
  private readonly momentum: number;
  /** Gradients of the present minibatch, before the learning rate is known. */
  private readonly fresh = new Map<string, Tensor>();

  constructor(
    private readonly model: TrainableModel,
    private readonly settings: KaldiSgdSettings,
  ) {
    this.engine = model.engine;
    this.momentum = settings.momentum ?? 0;
    if (this.momentum > 0 && (settings.backstitchScale ?? 0) > 0)
      throw new RangeError('kaldiSgd: expected momentum 0 with backstitch, found ' + this.momentum);
    for (const component of model.trainable)
      if (component.learningRateFactor !== 0)
        this.gradients.set(
          component.name,
          new NaturalGradients(this.engine, component, (parameter, gradient) =>
            this.gather(`${component.name}.${parameter}`, gradient),
          ),
        );
  }

  passes(count: number): readonly number[] {
    const { backstitchScale = 0, backstitchInterval = 1, seed = 0 } = this.settings;
    const now = backstitchScale > 0 && count % backstitchInterval === seed % backstitchInterval;
    return now ? [-backstitchScale, 1 + backstitchScale] : [1];
  }

  begin(factor: number): void {
    for (const gradients of this.gradients.values()) gradients.freeze(factor < 0);
  }

  sink(component: string): GradientSink | undefined {
    return this.gradients.get(component);
  }

  private gather(key: string, gradient: Tensor): void {
    const old = this.fresh.get(key);
    this.fresh.set(key, this.engine.keep(old ? this.engine.intoAddScaled(old, gradient, 1) : gradient));
  }

  private rateOf(component: TrainableComponent, step: Step): number {
    return Number.isNaN(step.learningRate) ? component.learningRate : step.learningRate * component.learningRateFactor;
  }

  async step(step: Step): Promise<void> {
    for (const gradients of this.gradients.values()) await gradients.settle();
    for (const component of this.model.trainable) this.addToDeltas(component, step);
    const factors = await this.factors(step.factor ?? 1);
    for (const [i, component] of this.model.trainable.entries()) this.apply(component, factors[i]!);
    // With backstitch, in the first of the two passes alone.
    const constrained = (step.factor ?? 1) <= 1;
    if (constrained) for (const component of this.model.trainable) await this.constrain(component, step);
    for (const gradients of this.gradients.values()) await gradients.update();
  }

  /** delta += rate * gradient - 2 l2 rate sequences * value */
  private addToDeltas(component: TrainableComponent, step: Step): void {
    const { engine, model } = this;
    const rate = this.rateOf(component, step);
    const { factor = 1 } = step;
    const l2 = factor < 0 ? 0 : ((this.settings.l2RegularizeFactor ?? 1) * component.l2Regularize) / factor;
    const decay = -2 * step.sequences * l2 * rate;
    // Gradients to which nothing is added are multiplied on their way into the parameters: a pass over memory less.
    const asTheyAre = decay === 0 && this.momentum === 0;
    this.scales.set(component.name, asTheyAre ? rate : 1);
    for (const name of component.parameters) {
      const key = `${component.name}.${name}`;
      const gradient = this.fresh.get(key);
      this.fresh.delete(key);
      const value = model.parameter(component.name, name);
      if (asTheyAre) {
        if (gradient) this.putDelta(key, gradient);
        continue;
      }
      const old = this.deltas.get(key);
      // The gradient's own memory becomes the change: one pass.
      const terms = [gradient, old, decay === 0 ? undefined : value];
      const numbers = [rate, 1, decay].filter((_, i) => terms[i]);
      const given = terms.filter((t) => t !== undefined);
      if (given.length === 0 || (given.length === 1 && given[0] === old)) continue;
      const consume = gradient ? [0] : [];
      const [made] = engine.map(sums[given.length - 1]!, given, { parameters: numbers, consume });
      this.putDelta(key, engine.keep(made!));
    }
  }

  private putDelta(key: string, delta: Tensor): void {
    const old = this.deltas.get(key);
    if (old) this.engine.dispose(old);
    this.deltas.set(key, delta);
  }

  private deltasOf({ name, parameters }: TrainableComponent): Tensor[] {
    return parameters.flatMap((p) => this.deltas.get(`${name}.${p}`) ?? []);
  }

  /** Norms of all components are read at once. */
  private async factors(factor: number): Promise<number[]> {
    const { engine, model, settings, momentum } = this;
    const norms = engine.tidy(() => {
      const perComponent = model.trainable.map((c) =>
        this.deltasOf(c).reduce(
          (total, delta) => engine.binary('add', total, engine.sumSquares(delta)),
          engine.zeros(1, 1),
        ),
      );
      return engine.keep(engine.concatCols(perComponent));
    });
    const squares = await engine.read(norms);
    engine.dispose(norms);
    const changes = model.trainable.map(({ name, maxChange }, i) => ({
      norm: this.scaleOf(name) * Math.sqrt(squares[i]!),
      maxChange,
    }));
    const limited = limitChange(changes, settings.maxParamChange ?? 2, factor * (1 - momentum), Math.abs(factor));
    if (limited) return limited;
    // A change that is not finite leaves nothing behind. (Kaldi skips the minibatch, and so may go on for days.)
    engine.dispose(...this.deltas.values());
    this.deltas.clear();
    const bad = model.trainable.find((_, i) => !Number.isFinite(squares[i]!));
    throw new DivergedError(
      `component '${bad?.name ?? 'all together'}': expected a finite change, found one that is not; the model is as it was before`,
    );
  }

  private scaleOf(component: string): number {
    return this.scales.get(component) ?? 1;
  }

  private apply(component: TrainableComponent, factor: number): void {
    const { engine, model, momentum } = this;
    for (const name of component.parameters) {
      const key = `${component.name}.${name}`;
      const delta = this.deltas.get(key);
      if (!delta) continue;
      const before = model.parameter(component.name, name);
      if (momentum > 0) {
        const options = { parameters: [factor, momentum], consume: [0, 1] };
        const [value, left] = engine.map(moved, [before, delta], options);
        model.replace({ component, name }, value!);
        this.deltas.set(key, left!);
        continue;
      }
      model.replace({ component, name }, engine.intoAddScaled(before, delta, factor * this.scaleOf(component.name)));
      this.deltas.delete(key);
      engine.dispose(delta);
    }
  }

  /**
   * Each constraint is applied at one step in four, since it costs a product of the weights with themselves. Kaldi
   * draws the step; here the components take turns, so that no step does the work of all.
   */
  private async constrain(component: TrainableComponent, step: Step): Promise<void> {
    const { orthonormalConstraint, name } = component;
    if (orthonormalConstraint === 0 || this.rateOf(component, step) === 0) return;
    const place = this.model.trainable.indexOf(component);
    const { seed = 0 } = this.settings;
    if ((step.count + 3 - place - seed) % 4 !== 0) return;
    const next = await towardsOrthonormal(this.engine, this.model.parameter(name, 'linear'), orthonormalConstraint);
    this.model.replace({ component, name: 'linear' }, next);
  }

  discard(): void {
    this.engine.dispose(...this.fresh.values());
    this.fresh.clear();
  }

  async state(): Promise<Record<string, Float32Array>> {
    const state: Record<string, Float32Array> = {};
    for (const gradients of this.gradients.values()) await gradients.save(state);
    for (const [key, delta] of this.deltas) state[`delta:${key}`] = (await this.engine.read(delta)).slice();
    return state;
  }

  restore(state: Readonly<Record<string, Float32Array>>): void {
    for (const { name, parameters } of this.model.trainable) {
      const gradients = this.gradients.get(name);
      gradients?.restore(state, (key) => this.sideDim(name, key, parameters));
      for (const parameter of parameters) {
        const data = state[`delta:${name}.${parameter}`];
        const { rows, cols } = this.model.parameter(name, parameter);
        if (data) this.putDelta(`${name}.${parameter}`, this.engine.keep(this.engine.tensor(rows, cols, data)));
      }
    }
  }

  /** Columns that a side of natural gradient sees: inputs (and a one for the bias), outputs, or the parameter's own. */
  private sideDim(component: string, key: string, parameters: readonly string[]): number {
    const [parameter, side] = key.split('.') as [string, string | undefined];
    const { rows, cols } = this.model.parameter(component, parameter);
    if (side === 'out') return rows;
    return side === 'in' && parameters.includes('bias') ? cols + 1 : cols;
  }

  dispose(): void {
    this.discard();
    for (const gradients of this.gradients.values()) gradients.dispose();
    this.engine.dispose(...this.deltas.values());
    this.deltas.clear();
  }
}
