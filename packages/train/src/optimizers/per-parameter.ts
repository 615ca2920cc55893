import type { Engine, Tensor } from '@jebena/engine';
import { Gradients } from './gradients.js';
import type { Optimizer, OptimizerFactory, Step, TrainableModel } from './optimizer.js';

/** One parameter and its gradient, as an update rule sees them; slots are zeros at first. */
export interface Update<Slot extends string> {
  readonly value: Tensor;
  /** Of the mean objective per unit of weight; it is to grow. */
  readonly gradient: Tensor;
  readonly slots: Readonly<Record<Slot, Tensor>>;
  /** Learning rate with the component's factor in it. */
  readonly rate: number;
  /** Steps made before this one. */
  readonly count: number;
}

/** How one parameter changes, from its gradient and its own slots alone (Adam's moments, say). */
export interface UpdateRule<Slot extends string> {
  readonly name: string;
  readonly slots: readonly Slot[];
  /** Called inside `tidy`; returns the new value and slots. */
  update(engine: Engine, update: Update<Slot>): { value: Tensor; slots: Record<Slot, Tensor> };
}

/** Settings that every rule shares. */
export interface SharedSettings {
  /** Gradients are scaled so that their norm over all parameters is at most this; 0 stands for no limit. */
  readonly clipNorm?: number;
}

/** Makes an optimizer of a rule that treats each parameter by itself. */
export const perParameter =
  <Slot extends string>(rule: UpdateRule<Slot>, { clipNorm = 0 }: SharedSettings = {}): OptimizerFactory =>
  (model) =>
    new PerParameter(model, rule, clipNorm);

class PerParameter<Slot extends string> implements Optimizer {
  readonly name: string;
  private readonly gradients: Gradients;
  private readonly slots = new Map<string, Record<Slot, Tensor>>();

  constructor(
    private readonly model: TrainableModel,
    private readonly rule: UpdateRule<Slot>,
    private readonly clipNorm: number,
  ) {
    this.name = rule.name;
    this.gradients = new Gradients(model.engine);
  }

  sink(component: string): ReturnType<Gradients['sink']> {
    return this.gradients.sink(component);
  }

  step(step: Step): void {
    const { engine, trainable } = this.model;
    const factor = engine.tidy(() => engine.keep(this.gradientFactor(step.weight)));
    for (const { name, learningRateFactor, parameters } of trainable)
      for (const parameter of parameters) {
        const gradient = this.gradients.get(name, parameter);
        const rate = step.learningRate * learningRateFactor;
        if (gradient && rate !== 0) this.update(name, parameter, gradient, factor, rate, step.count);
      }
    engine.dispose(factor);
    this.discard();
  }

  /** 1 x 1: what gradients are multiplied by; it never leaves the engine. */
  private gradientFactor(weight: number): Tensor {
    const { engine } = this.model;
    const mean = engine.full(1, 1, weight > 0 ? 1 / weight : 0);
    if (this.clipNorm === 0) return mean;
    let squares = engine.zeros(1, 1);
    for (const g of this.gradients.all())
      squares = engine.binary('add', squares, engine.sumAll(engine.unary('square', g)));
    const norm = engine.binary('mul', engine.unary('sqrt', squares), mean);
    const limit = engine.binary(
      'div',
      engine.full(1, 1, this.clipNorm),
      engine.binary('max', norm, engine.full(1, 1, this.clipNorm)),
    );
    return engine.binary('mul', mean, limit);
  }

  private update(component: string, parameter: string, sum: Tensor, factor: Tensor, rate: number, count: number): void {
    const { engine } = this.model;
    const value = this.model.parameter(component, parameter);
    const old = this.slotsOf(`${component}.${parameter}`, value);
    const made = engine.tidy(() => {
      const { value: next, slots } = this.rule.update(engine, {
        value,
        gradient: engine.binary('mul', sum, factor),
        slots: old,
        rate,
        count,
      });
      return { next, ...slots } as Record<string, Tensor>;
    });
    const { next, ...slots } = made as { next: Tensor } & Record<Slot, Tensor>;
    for (const slot of this.rule.slots) engine.dispose(old[slot]);
    this.slots.set(`${component}.${parameter}`, slots as unknown as Record<Slot, Tensor>);
    this.model.replace({ component: { name: component }, name: parameter }, next);
  }

  private slotsOf(key: string, { rows, cols }: Tensor): Record<Slot, Tensor> {
    const found = this.slots.get(key);
    if (found) return found;
    const { engine } = this.model;
    const zeros = Object.fromEntries(this.rule.slots.map((slot) => [slot, engine.zeros(rows, cols)]));
    return zeros as Record<Slot, Tensor>;
  }

  discard(): void {
    this.gradients.clear();
  }

  async state(): Promise<Record<string, Float32Array>> {
    const state: Record<string, Float32Array> = {};
    for (const [key, slots] of this.slots)
      for (const slot of this.rule.slots) state[`${key}.${slot}`] = (await this.model.engine.read(slots[slot])).slice();
    return state;
  }

  restore(state: Readonly<Record<string, Float32Array>>): void {
    this.dispose();
    for (const { name, parameters } of this.model.trainable)
      for (const parameter of parameters) {
        const key = `${name}.${parameter}`;
        const { rows, cols } = this.model.parameter(name, parameter);
        const slots = this.rule.slots.map((slot) => [slot, state[`${key}.${slot}`]] as const);
        if (slots.length === 0 || slots.some(([, data]) => data === undefined)) continue;
        const tensors = slots.map(([slot, data]) => [slot, this.model.engine.tensor(rows, cols, data!)]);
        this.slots.set(key, Object.fromEntries(tensors) as Record<Slot, Tensor>);
      }
  }

  dispose(): void {
    this.discard();
    for (const slots of this.slots.values()) for (const slot of this.rule.slots) this.model.engine.dispose(slots[slot]);
    this.slots.clear();
  }
}
