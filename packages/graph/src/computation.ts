import type { Engine, Tensor } from '@jebena/engine';
import type { ComputationRequest } from './request.js';
import { BatchNormComponent } from './components/batch-norm.js';
import { RectifiedLinearComponent } from './components/rectified-linear.js';
import { Derivative } from './derivative.js';
import { NetworkError } from './errors.js';
import { Gatherer } from './gatherer.js';
import type { LoadedComponent } from './loaded-component.js';
import type { ForwardOptions, Pass } from './pass.js';
import { PartedComponent } from './parted-component.js';
import { planMemory } from './plan-memory.js';
import {
  type ComponentStep,
  type Gather,
  type Leaf,
  type Plan,
  projectedSlot,
  readSlots,
  slotsOf,
} from './plan/plan.js';
import { References } from './references.js';
import { StepCall } from './step-call.js';
import { PassRun } from './pass-run.js';

/** A planned request on an engine; it can be run any number of times. */
export class Computation {
  readonly gatherer: Gatherer;
  readonly calls: (StepCall | undefined)[];
  /** The slots that each step reads. */
  readonly reads: readonly (readonly number[])[];
  /** How many steps read each slot. */
  readonly readers: Int32Array;
  /** Slots that projections read: backprop reads them again. */
  readonly projected = new Set<number>();

  /** For steps that are batch norms, and alone read a ReLU of the same blocks: that ReLU's step. Both ways back are one. */
  readonly normAfter: ReadonlyMap<number, number>;

  /** How many steps run each component. */
  readonly runs = new Map<string, number>();

  constructor(
    readonly engine: Engine,
    readonly request: ComputationRequest,
    readonly plan: Plan,
    readonly components: ReadonlyMap<string, LoadedComponent>,
  ) {
    this.gatherer = new Gatherer(engine, plan.sequences);
    this.readers = new Int32Array(plan.slots.length);
    this.reads = plan.steps.map((step) => [...readSlots(step)]);
    for (const slots of this.reads) for (const slot of slots) this.readers[slot]!++;
    for (const leaf of plan.kept.values()) this.readers[leaf.slot]!++;
    const rectified = this.rectifiedSlots();
    const summed = this.summedSlots();
    this.normAfter = this.normsAfterRelus();
    // Draws go by these numbers, in which a step counts for each node that it computes: whether nodes are joined is not to
    // change them.
    let number = -1;
    const joint = new Map<number, number>();
    this.calls = plan.steps.map((step) => {
      if (step.kind === 'project') joint.set(step.output, step.components.length);
      number += step.kind === 'project' || step.kind === 'recur' ? joint.get(projectedSlot(step))! : 1;
      if (step.kind !== 'component') return undefined;
      const loaded = components.get(step.component)!;
      const reads = isRectifier(loaded) && soleSlot(step.input);
      return new StepCall(
        engine,
        loaded,
        step.rows,
        number,
        rectified.has(step.output),
        rectified.has(reads as number),
        summed.has(step.output),
        partedBy(loaded, step.input),
      );
    });
    for (const step of plan.steps)
      if (step.kind === 'component') this.runs.set(step.component, (this.runs.get(step.component) ?? 0) + 1);
    for (const step of plan.steps)
      if (step.kind === 'project') for (const slot of slotsOf(step.input)) this.projected.add(slot);
  }

  /** Slots that only a ReLU reads, whole, and whose step can do the ReLU's work. */
  private rectifiedSlots(): Set<number> {
    const able = new Set<number>();
    for (const step of this.plan.steps)
      if (step.kind === 'component' && this.components.get(step.component)!.component.canRectify) able.add(step.output);
    const found = new Set<number>();
    for (const step of this.plan.steps) {
      if (step.kind !== 'component' || !isRectifier(this.components.get(step.component)!)) continue;
      const slot = soleSlot(step.input);
      if (slot !== undefined && able.has(slot) && this.readers[slot] === 1) found.add(slot);
    }
    return found;
  }

  /** What batch norms give to nothing but a sum with one other matrix. */
  private summedSlots(): Set<number> {
    const found = new Set<number>();
    const norms = new Set<number>();
    for (const step of this.plan.steps)
      if (step.kind === 'component' && this.normOf(step) && this.readers[step.output] === 1) norms.add(step.output);
    for (const step of this.plan.steps) {
      if (step.kind !== 'component') continue;
      for (const { leaves, constants } of step.input.parts)
        if (leaves.length === 2 && constants.length === 0) {
          const leaf = leaves.find((l) => norms.has(l.slot) && isWhole(l));
          if (leaf) found.add(leaf.slot);
        }
    }
    return found;
  }

  private normsAfterRelus(): Map<number, number> {
    const relus = new Map<number, { step: number; blockDim: number }>();
    const found = new Map<number, number>();
    this.plan.steps.forEach((step, i) => {
      if (step.kind !== 'component') return;
      const { component } = this.components.get(step.component)!;
      if (component instanceof RectifiedLinearComponent && this.readers[step.output] === 1)
        relus.set(step.output, { step: i, blockDim: component.blockDim });
      if (!(component instanceof BatchNormComponent)) return;
      const relu = relus.get(soleSlot(step.input) ?? -1);
      if (relu?.blockDim === component.blockDim) found.set(i, relu.step);
    });
    return found;
  }

  /** A step's batch norm, where it has a mean for each column. */
  private normOf(step: ComponentStep): BatchNormComponent | undefined {
    const { component } = this.components.get(step.component)!;
    return component instanceof BatchNormComponent && component.blockDim === component.dim ? component : undefined;
  }

  /**
   * Runs the network forward.
   *
   * @param inputs for each input of the request a matrix of count * sequences rows; they stay the caller's and must
   *   live until the pass is done
   */
  forward(inputs: Readonly<Record<string, Tensor>>, options: ForwardOptions = {}): Pass {
    const run = this.start(inputs, options);
    run.forward();
    return run;
  }

  /** For chunks of a stream: with what an earlier chunk left. */
  start(
    inputs: Readonly<Record<string, Tensor>>,
    { training = false, seed = 0, storeStatistics = training, backprop = training }: ForwardOptions = {},
    carried: ReadonlyMap<string, Tensor> = new Map(),
  ): PassRun {
    const { engine, plan } = this;
    const refs = new References(engine);
    const values: (Tensor | undefined)[] = [];
    const fill = (slot: number, name: string, t: Tensor | undefined): void => {
      const { indexes, cols } = plan.slots[slot]!;
      const rows = indexes.length * plan.sequences;
      if (!t || t.rows !== rows || t.cols !== cols)
        throw new NetworkError(
          'ERR_NETWORK_DIM',
          `expected ${rows} x ${cols}, found ${t ? `${t.rows} x ${t.cols}` : 'nothing'}`,
          {
            name,
          },
        );
      values[slot] = refs.borrow(t);
    };
    for (const [name, slot] of plan.inputs) fill(slot, name, inputs[name]);
    for (const [name, slot] of plan.carried) fill(slot, name, carried.get(name));
    return new PassRun(this, values, refs, { training, seed, storeStatistics, backprop });
  }

  /** The most bytes that matrices of nodes take at once in a forward pass; see `planMemory`. */
  memory(training = false): number {
    return planMemory(this.plan, (name) => this.components.get(name)!.component, training);
  }

  newDerivatives(refs: References): (Derivative | undefined)[] {
    const { sequences, slots } = this.plan;
    return slots.map((slot) =>
      slot.wantsDerivative
        ? new Derivative(this.engine, refs, slot.indexes.length, slot.indexes.length * sequences, slot.cols)
        : undefined,
    );
  }

  dispose(): void {
    this.gatherer.dispose();
    for (const call of this.calls) call?.dispose();
  }
}

/** A component that takes its input apart, where the step's parts are just those. */
function partedBy({ component }: LoadedComponent, { parts }: Gather): PartedComponent | undefined {
  if (!(component instanceof PartedComponent)) return undefined;
  const { partDims } = component;
  return parts.length === partDims.length && parts.every((p, i) => p.dim === partDims[i]) ? component : undefined;
}

const isRectifier = ({ component }: LoadedComponent): boolean => component instanceof RectifiedLinearComponent;

/** The slot that an input consists of, if it does. */
function soleSlot({ parts }: Gather): number | undefined {
  const [part] = parts;
  const [leaf] = part!.leaves;
  if (parts.length !== 1 || part!.leaves.length !== 1 || part!.constants.length) return undefined;
  return isWhole(leaf!) ? leaf!.slot : undefined;
}

const isWhole = ({ map, scale, cols }: Leaf): boolean => map.kind === 'identity' && scale === 1 && !cols;
