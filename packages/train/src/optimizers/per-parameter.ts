import { elementwise, type ElementwiseProgram, type Tensor, type Value, type Writer } from '@jebena/engine';
import type { GradientSink } from '@jebena/graph';
import { type Factors, Gradients } from './gradients.js';
import type { Optimizer, OptimizerFactory, Step, TrainableModel } from './optimizer.js';

/** What a rule is told of a step. */
export interface RuleStep {
  /** Learning rate with the component's factor in it. */
  readonly rate: number;
  /** Steps made before this one. */
  readonly count: number;
}

/** How one parameter changes, from its gradient and its own slots alone (Adam's moments, say). */
export interface UpdateRule<Slot extends string> {
  readonly name: string;
  /** Matrices in the parameter's shape that the rule keeps; zeros at first. */
  readonly slots: readonly Slot[];
  /**
   * One pass over memory, in place: from value, gradient (of the mean objective per unit of weight; it is to grow) and
   * slots to the new value and slots.
   */
  readonly program: (e: Writer, value: Value, gradient: Value, slots: readonly Value[]) => readonly Value[];
  /** The program's numbers. */
  parameters(step: RuleStep): readonly number[];
  /** Where the rule is slot = momentum slot + gradient, value += rate slot, of one slot: the momentum. */
  readonly plainMomentum?: number;
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

/** What sums over a minibatch are multiplied by to be means. */
const mean = (weight: number): number => (weight > 0 ? 1 / weight : 0);

class PerParameter<Slot extends string> implements Optimizer {
  readonly name: string;
  private readonly gradients: Gradients;
  private readonly slots = new Map<string, Record<Slot, Tensor>>();
  private readonly program: ElementwiseProgram;

  constructor(
    private readonly model: TrainableModel,
    private readonly rule: UpdateRule<Slot>,
    private readonly clipNorm: number,
  ) {
    this.name = rule.name;
    // A norm is of gradients as they are.
    this.gradients = new Gradients(model.engine, rule.plainMomentum !== undefined && clipNorm === 0);
    const numbers = rule.parameters({ rate: 0, count: 0 }).length;
    this.program = elementwise(3 + rule.slots.length, numbers, (e, [value, sum, factor, ...slots]) =>
      rule.program(e, value!, e.mul(sum!, factor!), slots),
    );
  }

  /** None for a component that does not learn: it has no part in the norm either. */
  sink(component: string): GradientSink | undefined {
    const frozen = this.model.trainable.some((c) => c.name === component && c.learningRateFactor === 0);
    return frozen ? undefined : this.gradients.sink(component);
  }

  step(step: Step): void {
    const { engine, trainable } = this.model;
    const factor = engine.tidy(() => engine.keep(this.gradientFactor(step.weight)));
    for (const { name, learningRateFactor, parameters } of trainable)
      for (const parameter of parameters) {
        const gradient = this.gradients.get(name, parameter);
        const factors = this.gradients.factorsOf(name, parameter);
        const rate = step.learningRate * learningRateFactor;
        if (rate === 0) continue;
        if (gradient) this.update(name, parameter, gradient, factor, rate, step.count);
        if (factors) this.updateAlong(name, parameter, factors, mean(step.weight), rate);
      }
    engine.dispose(factor);
    this.discard();
  }

  /** 1 x 1: what gradients are multiplied by; it never leaves the engine. */
  private gradientFactor(weight: number): Tensor {
    const { engine } = this.model;
    const all = engine.full(1, 1, mean(weight));
    if (this.clipNorm === 0) return all;
    let squares = engine.zeros(1, 1);
    for (const g of this.gradients.all()) squares = engine.binary('add', squares, engine.sumSquares(g));
    const norm = engine.binary('mul', engine.unary('sqrt', squares), all);
    const limit = engine.binary(
      'div',
      engine.full(1, 1, this.clipNorm),
      engine.binary('max', norm, engine.full(1, 1, this.clipNorm)),
    );
    return engine.binary('mul', all, limit);
  }

  private update(component: string, parameter: string, sum: Tensor, factor: Tensor, rate: number, count: number): void {
    const { engine } = this.model;
    const value = this.model.parameter(component, parameter);
    const old = this.slotsOf(`${component}.${parameter}`, value);
    const { slots } = this.rule;
    const [next, ...kept] = engine.map(this.program, [value, sum, factor, ...slots.map((slot) => old[slot])], {
      parameters: this.rule.parameters({ rate, count }),
      consume: [0, ...slots.map((_, i) => 3 + i)],
    });
    const now = Object.fromEntries(slots.map((slot, i) => [slot, kept[i]!])) as Record<Slot, Tensor>;
    this.slots.set(`${component}.${parameter}`, now);
    this.model.replace({ component: { name: component }, name: parameter }, next!);
  }

  /** The same with a gradient in two factors, which is multiplied on its way into the slot. */
  private updateAlong(component: string, parameter: string, { dy, x }: Factors, scale: number, rate: number): void {
    const { engine } = this.model;
    const value = this.model.parameter(component, parameter);
    const key = `${component}.${parameter}`;
    const [slot] = this.rule.slots as readonly [Slot];
    const old = this.slotsOf(key, value)[slot];
    const next = engine.intoMomentum(value, old, dy, x, { momentum: this.rule.plainMomentum!, scale, rate });
    this.slots.set(key, { [slot]: next.velocity } as Record<Slot, Tensor>);
    this.model.replace({ component: { name: component }, name: parameter }, next.value);
  }

  private slotsOf(key: string, { rows, cols }: Tensor): Record<Slot, Tensor> {
    const found = this.slots.get(key);
    if (found) return found;
    const { engine } = this.model;
    const zeros = Object.fromEntries(this.rule.slots.map((slot) => [slot, engine.keep(engine.zeros(rows, cols))]));
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
