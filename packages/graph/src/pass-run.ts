import type { Engine, Normalizer, NormalizerSlope, Tensor } from '@jebena/engine';
import type { Computation } from './computation.js';
import { ConsolidatedSink } from './consolidated-sink.js';
import type { Derivative } from './derivative.js';
import { type BlockRange, blocksWithin, type DerivativeTimes, LimitedSink, zeroOutside } from './derivative-times.js';
import { NetworkError } from './errors.js';
import type { GradientSink } from './gradient-sink.js';
import { merged, unmerge } from './merged-rows.js';
import { partsOf } from './parted-component.js';
import type { Pass } from './pass.js';
import {
  type ComponentStep,
  type Gather,
  type Leaf,
  projectedSlot,
  type ProjectStep,
  type RecurStep,
  type Step,
} from './plan/plan.js';
import { Projection } from './projection.js';
import type { References } from './references.js';

export interface RunOptions {
  readonly training: boolean;
  readonly seed: number;
  readonly storeStatistics: boolean;
  readonly backprop: boolean;
}

/** What a step left for backprop. */
interface Saved {
  /** The input: whole, or the parts of it. */
  readonly xs: readonly Tensor[];
  readonly y: Tensor | undefined;
  readonly memo: Readonly<Record<string, Tensor>> | undefined;
}

type SinkOf = (component: string) => GradientSink | undefined;

/** One run of a computation, forward and then perhaps backward. */
export class PassRun implements Pass {
  private readonly engine: Engine;
  private readonly outputs = new Map<string, Tensor>();
  private readonly saved: (Saved | undefined)[] = [];
  private readonly left: Int32Array;
  private readonly projections = new Map<number, Projection>();
  /** What is yet to be normalised, by slot. */
  private readonly pending = new Map<number, Normalizer>();
  /** What batch norms left for the ReLUs before them, by step. */
  private readonly fromNorms = new Map<number, NormalizerSlope>();
  private readonly collected = new Map<string, ConsolidatedSink>();
  private runsLeft = new Map<string, number>();
  private done = false;

  constructor(
    private readonly computation: Computation,
    private readonly values: (Tensor | undefined)[],
    private readonly refs: References,
    private readonly options: RunOptions,
  ) {
    this.engine = computation.engine;
    this.left = computation.readers.slice();
  }

  output(name: string): Tensor {
    const found = this.outputs.get(name);
    if (!found)
      throw new NetworkError('ERR_NETWORK_NAME', `expected an output of the request, found none called '${name}'`);
    return found;
  }

  /** Rows for a later chunk, by node; they become the caller's. */
  kept(): Map<string, Tensor> {
    const { plan, gatherer } = this.computation;
    const kept = new Map<string, Tensor>();
    for (const [node, leaf] of plan.kept) {
      const t = gatherer.leaf(leaf, this.values, this.refs);
      // A slot's own tensor belongs to somebody else, or is still used: hand out a copy.
      kept.set(node, this.refs.shared(t) ? this.engine.scale(t, 1) : (this.refs.surrender(t), t));
      if (this.refs.shared(t)) this.refs.release(t);
    }
    return kept;
  }

  forward(): void {
    const { plan } = this.computation;
    plan.steps.forEach((step, i) => {
      switch (step.kind) {
        case 'component':
          this.values[step.output] = this.runComponent(step, i);
          break;
        case 'project':
          this.values[step.output] = this.projection(step).forward(this.values, this.refs);
          break;
        case 'recur':
          this.values[step.output] = this.runRecur(step, i);
          break;
        case 'merge':
          this.values[step.output] = merged(this.computation, step, this.values, this.refs);
          break;
        case 'output':
          this.outputs.set(step.name, this.computation.gatherer.gather(step.input, this.values, this.refs));
      }
      this.finish(step, i);
    });
  }

  /** Frees what no later step reads; backprop's own needs are held by `saved`. */
  private finish(step: Step, i: number): void {
    for (const slot of this.computation.reads[i]!)
      if (--this.left[slot]! === 0 && !this.heldForBackprop(slot)) this.drop(slot);
    if ('output' in step && this.left[step.output] === 0 && !this.heldForBackprop(step.output)) this.drop(step.output);
  }

  private drop(slot: number): void {
    this.refs.release(this.values[slot]);
    this.values[slot] = undefined;
    const norm = this.pending.get(slot);
    if (!norm) return;
    this.refs.release(norm.mean);
    this.refs.release(norm.scale);
    this.pending.delete(slot);
  }

  /** A projection gathers its inputs anew in backprop. */
  private heldForBackprop(slot: number): boolean {
    return this.options.backprop && this.computation.projected.has(slot);
  }

  private runComponent(step: ComponentStep, i: number): Tensor {
    const { computation, engine, refs, options } = this;
    // A component that reads nothing, a dropout mask say, is given one zero.
    const call = computation.calls[i]!.begin(options, 0);
    const { parted } = call;
    const { component } = call.loaded;
    let xs: readonly Tensor[];
    if (parted) xs = computation.gatherer.parts(step.input, this.values, refs, this.pending);
    else if (step.input.blocks === 0) xs = [refs.own(engine.zeros(1, 1))];
    else xs = [computation.gatherer.gather(step.input, this.values, refs, this.pending)];
    const { y, memo, pending } = engine.tidy(() =>
      parted ? parted.propagateParts(call, xs) : component.propagate(call, xs[0]!),
    );
    refs.own(y);
    if (pending) {
      this.pending.set(step.output, pending);
      for (const t of [pending.mean, pending.scale]) refs.own(t);
    }
    if (options.backprop) {
      const { needs } = component;
      if (memo) for (const t of Object.values(memo)) refs.own(t);
      if (needs.x) for (const x of xs) refs.own(x);
      this.saved[i] = { xs: needs.x ? xs : [], y: needs.y ? refs.own(y) : undefined, memo };
    } else if (memo) for (const t of Object.values(memo)) if (!call.isDerived(t)) refs.release(refs.own(t));
    for (const x of xs) refs.release(x);
    return y;
  }

  private projection(step: ProjectStep): Projection {
    const projection = new Projection(this.computation, step, this.computation.plan.slots[step.output]!);
    this.projections.set(step.output, projection);
    return projection;
  }

  private runRecur(step: RecurStep, i: number): Tensor {
    const { computation, refs } = this;
    const projected = computation.gatherer.leaf(step.projected, this.values, refs);
    if (step.input.parts.every((p) => p.leaves.length === 0 && p.constants.length === 0)) {
      if (this.options.backprop) this.saved[i] = { xs: [], y: undefined, memo: undefined };
      return projected;
    }
    const x = computation.gatherer.gather(step.input, this.values, refs);
    const projection = this.projections.get(step.projected.slot)!;
    const weights = projection.weights(false);
    let y: Tensor;
    if (refs.shared(projected)) y = refs.addInto(refs.own(this.engine.affine(x, weights)), projected);
    else {
      refs.surrender(projected);
      y = refs.own(this.engine.intoAddMatmul(projected, x, weights, { transposeB: true }));
    }
    if (this.options.backprop) this.saved[i] = { xs: [refs.own(x)], y: undefined, memo: undefined };
    refs.release(x);
    return y;
  }

  backward(
    derivatives: Readonly<Record<string, Tensor>>,
    sink: SinkOf,
    times?: DerivativeTimes,
  ): Record<string, Tensor> {
    if (this.done || !this.options.backprop)
      throw new NetworkError('ERR_NOT_COMPUTABLE', 'backward: expected a pass that was run with backprop, and once');
    this.done = true;
    const { computation, engine, refs } = this;
    const { plan, gatherer } = computation;
    for (const name of Object.keys(derivatives)) this.output(name);
    const sums = computation.newDerivatives(refs);
    this.runsLeft = new Map(computation.runs);
    for (let i = plan.steps.length - 1; i >= 0; i--) {
      const step = plan.steps[i]!;
      if (step.kind === 'output') {
        const dy = derivatives[step.name];
        if (dy) gatherer.scatter(step.input, refs.borrow(dy), sums, refs);
        continue;
      }
      if (step.kind === 'merge') {
        unmerge(computation, step, sums, refs);
        continue;
      }
      const dims = this.partDims(step, i);
      const taken = sums[step.output] ? this.taken(sums[step.output]!, dims) : [];
      const { indexes } = plan.slots[step.output]!;
      const range = times ? blocksWithin(indexes, times) : undefined;
      const dys = range ? taken.map((dy) => dy && this.limit(dy, indexes.length, range)) : taken;
      const first = dys.find((dy) => dy);
      if (first) {
        const limited = (target: GradientSink | undefined): GradientSink | undefined =>
          target && range ? new LimitedSink(engine, target, indexes.length, first.rows, range) : target;
        if (step.kind === 'component') this.backComponent(step, i, dys, sums, limited(this.sinkOf(step, sink)));
        else if (step.kind === 'project') {
          const targets = step.components.map((name) => limited(sink(name)));
          this.projections.get(step.output)!.backward(dys, this.values, sums, targets, refs);
        } else this.backRecur(step, i, dys, sums);
        for (const dy of dys) refs.release(dy);
      }
      if (step.kind === 'component') this.endRun(step.component);
      this.forget(i);
    }
    const result: Record<string, Tensor> = {};
    for (const name of plan.inputDerivatives) {
      const slot = plan.inputs.get(name)!;
      const { indexes, cols } = plan.slots[slot]!;
      const d = sums[slot]!.take(gatherer.rowIndex) ?? refs.own(engine.zeros(indexes.length * plan.sequences, cols));
      // An output's derivative may come through as it is; that one is the caller's already.
      if (refs.shared(d)) result[name] = engine.scale(d, 1);
      else {
        refs.surrender(d);
        result[name] = d;
      }
    }
    this.dispose();
    return result;
  }

  /** Columns of the parts that a step's derivative is wanted in. */
  private partDims(step: ComponentStep | ProjectStep | RecurStep, i: number): readonly number[] {
    if (step.kind === 'component') return this.computation.calls[i]!.parted?.outputDims ?? [];
    return this.projections.get(projectedSlot(step))!.dims;
  }

  /** A derivative, in parts where there are several. */
  private taken(sum: Derivative, dims: readonly number[]): (Tensor | undefined)[] {
    const { engine, refs } = this;
    const { rowIndex } = this.computation.gatherer;
    const parts = dims.length > 1 ? sum.takeParts(dims, rowIndex) : undefined;
    if (parts) return parts;
    const whole = sum.take(rowIndex);
    if (!whole || dims.length <= 1) return [whole];
    const slices = partsOf(engine, whole, dims).map((part) => refs.own(part));
    refs.release(whole);
    return slices;
  }

  /** A derivative of which only some blocks of rows count; undefined where none does. */
  private limit(dy: Tensor, blocks: number, range: BlockRange): Tensor | undefined {
    const limited = range.start < range.end ? this.refs.own(zeroOutside(this.engine, dy, blocks, range)) : undefined;
    this.refs.release(dy);
    return limited;
  }

  /** Where a step hands its gradients: straight on, or collected where the component runs more than once. */
  private sinkOf(step: ComponentStep, sink: SinkOf): GradientSink | undefined {
    const { computation } = this;
    if (!computation.components.get(step.component)!.trainable) return undefined;
    const found = this.collected.get(step.component);
    if (found) return found;
    const target = sink(step.component);
    if (!target || computation.runs.get(step.component) === 1) return target;
    const collecting = new ConsolidatedSink(this.engine, this.refs, target);
    this.collected.set(step.component, collecting);
    return collecting;
  }

  private endRun(component: string): void {
    const left = this.runsLeft.get(component)! - 1;
    this.runsLeft.set(component, left);
    if (left > 0) return;
    this.collected.get(component)?.finish();
    this.collected.delete(component);
  }

  private forget(i: number): void {
    const saved = this.saved[i];
    if (!saved) return;
    for (const x of saved.xs) this.refs.release(x);
    this.refs.release(saved.y);
    const call = this.computation.calls[i];
    if (saved.memo) for (const t of Object.values(saved.memo)) if (!call?.isDerived(t)) this.refs.release(t);
    this.saved[i] = undefined;
  }

  private backComponent(
    step: ComponentStep,
    i: number,
    dys: readonly (Tensor | undefined)[],
    sums: readonly (Derivative | undefined)[],
    sink: GradientSink | undefined,
  ): void {
    const { computation, engine, refs } = this;
    const { xs, y, memo } = this.saved[i]!;
    const call = computation.calls[i]!.begin(this.options, 1);
    const { parted } = call;
    const { component } = call.loaded;
    let wanted = false;
    for (const part of step.input.parts) for (const leaf of part.leaves) if (sums[leaf.slot]) wanted = true;
    const before = computation.normAfter.get(i);
    const left = this.fromNorms.get(i);
    let leaves: NormalizerSlope | undefined;
    const leave = before === undefined ? undefined : (norm: NormalizerSlope): void => void (leaves = norm);
    const { dxs } = engine.tidy(() => {
      if (parted) return { dxs: parted.backpropParts(call, { xs, y: y!, dys, memo, sink, wanted }), leaves };
      const dx = component.backprop(call, { x: xs[0]!, y: y!, dy: dys[0]!, memo, sink, wanted, leave, left });
      return { dxs: dx && [dx], leaves };
    });
    if (left) for (const t of Object.values<Tensor>({ ...left })) refs.release(t);
    if (leaves) {
      for (const t of Object.values<Tensor>({ ...(leaves as NormalizerSlope) })) refs.own(t);
      this.fromNorms.set(before!, leaves);
    }
    if (!dxs) return;
    for (const dx of dxs) refs.own(dx);
    if (parted) computation.gatherer.scatterParts(step.input, dxs, sums, refs);
    else computation.gatherer.scatter(step.input, dxs[0]!, sums, refs);
    for (const dx of dxs) refs.release(dx);
  }

  private backRecur(
    step: RecurStep,
    i: number,
    dys: readonly (Tensor | undefined)[],
    sums: readonly (Derivative | undefined)[],
  ): void {
    const { refs } = this;
    const [x] = this.saved[i]!.xs;
    const projection = this.projections.get(step.projected.slot)!;
    if (x) {
      projection.remember(refs.own(x), step.projected.map, refs);
      const [leaf] = step.input.parts[0]!.leaves;
      const alone = leaf && isWholePart(step.input, leaf) ? sums[leaf.slot]?.takeAlone() : undefined;
      const dx = projection.inputDerivative(dys, false, refs, alone);
      this.computation.gatherer.scatter(step.input, dx, sums, refs);
      refs.release(dx);
    }
    let start = 0;
    dys.forEach((dy, k) => {
      const count = projection.dims[k]!;
      if (dy) sums[step.projected.slot]!.add(refs.own(dy), step.projected.map, { start, count });
      start += count;
    });
  }

  dispose(): void {
    for (const projection of this.projections.values()) projection.dispose(this.refs);
    if (this.options.storeStatistics)
      for (const { statistics } of this.computation.components.values()) statistics.settle();
    this.outputs.clear();
    this.refs.clear();
    this.saved.length = 0;
  }
}

/** Whether an input is just a leaf as it lies. */
const isWholePart = ({ parts }: Gather, { map, scale, cols }: Leaf): boolean =>
  parts.length === 1 && parts[0]!.leaves.length === 1 && map.kind === 'identity' && scale === 1 && !cols;
