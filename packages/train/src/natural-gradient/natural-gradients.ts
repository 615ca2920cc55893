import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import {
  type AffineInput,
  affineGradient,
  blocksOf,
  type GradientSink,
  type NaturalGradientSettings,
  type TrainableComponent,
} from '@jebena/graph';
import { Preconditioner, type SideBySide } from './preconditioner.js';

type Add = (parameter: string, gradient: Tensor) => void;

const scaled = elementwise(3, 0, (e, [x, a, b]) => [e.mul(x!, e.mul(a!, b!))]);

/** A gradient that waits until its preconditioners have seen the first minibatch. */
type Deferred = () => Promise<void>;

/**
 * The gradients of one component, each side preconditioned by natural gradient where the component asks for it, as
 * Kaldi's components do in their Update functions.
 */
export class NaturalGradients implements GradientSink {
  private readonly sides = new Map<string, Preconditioner>();
  private deferred: Deferred[] = [];
  private frozen = false;

  /** @param add takes a gradient that is complete, and may keep it */
  constructor(
    private readonly engine: Engine,
    private readonly component: TrainableComponent,
    private readonly add: Add,
  ) {}

  affine(weights: string, bias: string | undefined, x: AffineInput, dy: Tensor): void {
    const { engine } = this;
    const natural = this.component.naturalGradient;
    if (!natural) {
      this.add(weights, affineGradient(engine, x, dy));
      if (bias) this.add(bias, engine.sumRows(dy));
      return;
    }
    if (natural.of === 'gradient' || natural.of === 'gradient-rows')
      return this.ofGradient(weights, bias, x, dy, natural);
    const blocks = blocksOf(engine, x);
    // The column of ones lets the input side see the bias as one more weight.
    const cols = blocks.reduce((sum, block) => sum + block.cols, bias ? 1 : 0);
    const inSide = this.side(`${weights}.in`, cols, natural, 'In');
    const outSide = this.side(`${weights}.out`, dy.cols, natural, 'Out');
    const together = (parts: readonly Tensor[]): Tensor => {
      const all = bias ? [...parts, engine.full(dy.rows, 1, 1)] : parts;
      return all.length === 1 ? all[0]! : engine.concatCols(all);
    };
    if (!inSide.ready || !outSide.ready)
      return this.whenReady([inSide, outSide], [together(blocks), dy], ([xs, ys]) => {
        this.addAffine(weights, bias, this.preconditioned({ blocks: [xs!], ones: false }, ys!, inSide, outSide));
      });
    // Many rows are looked at as they lie; few are worth the copy, since then they are preconditioned themselves.
    const seen = dy.rows < 2 * dy.cols ? { blocks: [together(blocks)], ones: false } : { blocks, ones: !!bias };
    this.addAffine(weights, bias, this.preconditioned(seen, dy, inSide, outSide));
  }

  /** dy^T x with both sides preconditioned: the rows themselves, or the product where there are fewer weights than rows. */
  private preconditioned(x: SideBySide, dy: Tensor, inSide: Preconditioner, outSide: Preconditioner): Tensor {
    const { engine } = this;
    const cols = x.blocks.reduce((sum, block) => sum + block.cols, 0);
    const few = x.blocks.length === 1 && !x.ones && dy.rows < 2 * dy.cols;
    const left = dy.rows < 2 * cols ? outSide.precondition(dy) : undefined;
    const right = few ? inSide.precondition(x.blocks[0]!) : undefined;
    const scales = [left?.scale ?? outSide.weigh({ blocks: [dy], ones: false }), right?.scale ?? inSide.weigh(x)];
    // What is smaller takes the factor: rows where they are few, else the gradient.
    const early = dy.rows < cols;
    const rows = left?.rows ?? dy;
    const ys = early ? engine.map(scaled, [rows, ...scales])[0]! : rows;
    let gradient = affineGradient(engine, right ? [right.rows] : x.blocks, ys, x.ones);
    if (!right) gradient = inSide.projectCols(gradient);
    if (!left) gradient = outSide.projectRows(gradient);
    return early ? gradient : engine.map(scaled, [gradient, ...scales], { consume: [0] })[0]!;
  }

  /** A gradient whose last column, where there is a bias, is the bias's. */
  private addAffine(weights: string, bias: string | undefined, gradient: Tensor): void {
    const { engine } = this;
    if (!bias) return this.add(weights, gradient);
    const last = gradient.cols - 1;
    this.add(weights, engine.sliceCols(gradient, 0, last));
    this.add(bias, engine.transpose(engine.sliceCols(gradient, last, 1)));
  }

  /** Weights that many rows of a frame share: the finished gradient is preconditioned (UpdateNaturalGradient of convolutions). */
  private ofGradient(
    weights: string,
    bias: string | undefined,
    x: AffineInput,
    dy: Tensor,
    natural: NaturalGradientSettings,
  ): void {
    const { engine } = this;
    const whole = affineGradient(engine, x, dy, !!bias);
    const inSide = this.side(`${weights}.in`, whole.cols, natural, 'In');
    this.whenReady([inSide], [whole], ([seen]) => {
      const { rows, scale } = inSide.precondition(seen!);
      if (natural.of === 'gradient-rows') return this.addAffine(weights, bias, engine.binary('mul', rows, scale));
      const turned = engine.transpose(rows);
      const outSide = this.side(`${weights}.out`, turned.cols, natural, 'Out');
      this.whenReady([outSide], [turned, scale], ([columns, inScale]) => {
        const { rows: both, scale: outScale } = outSide.precondition(columns!);
        this.addAffine(
          weights,
          bias,
          engine.transpose(engine.binary('mul', both, engine.binary('mul', inScale!, outScale))),
        );
      });
    });
  }

  rows(parameter: string, perRow: Tensor): void {
    const natural = this.component.naturalGradient;
    if (!natural) return this.add(parameter, this.engine.sumRows(perRow));
    this.oneSide(parameter, perRow, natural, (rows) => this.engine.sumRows(rows));
  }

  whole(parameter: string, gradient: Tensor): void {
    const natural = this.component.naturalGradient;
    if (!natural) return this.add(parameter, this.engine.scale(gradient, 1));
    this.oneSide(parameter, gradient, natural, (rows) => rows);
  }

  private oneSide(
    parameter: string,
    x: Tensor,
    natural: NaturalGradientSettings,
    finish: (rows: Tensor) => Tensor,
  ): void {
    const side = this.side(parameter, x.cols, natural, 'In');
    this.whenReady([side], [x], ([seen]) => {
      const { rows, scale } = side.precondition(seen!);
      this.add(parameter, this.engine.binary('mul', finish(rows), scale));
    });
  }

  private side(key: string, dim: number, natural: NaturalGradientSettings, which: 'In' | 'Out'): Preconditioner {
    let side = this.sides.get(key);
    if (!side) {
      const { numSamplesHistory, numMinibatchesHistory, updatePeriod } = natural;
      side = new Preconditioner(this.engine, dim, {
        rank: natural[`rank${which}`],
        alpha: natural[`alpha${which}`],
        numSamplesHistory,
        numMinibatchesHistory,
        updatePeriod,
      });
      side.frozen = this.frozen;
      this.sides.set(key, side);
    }
    return side;
  }

  /** Runs `finish` now, or, at the first minibatch, in `settle`: an estimate has to be made of it first. */
  private whenReady(sides: Preconditioner[], seen: Tensor[], finish: (seen: Tensor[]) => void): void {
    if (sides.every((s) => s.ready)) return finish(seen);
    const { engine } = this;
    const copies = seen.map((t) => engine.keep(engine.scale(t, 1)));
    this.deferred.push(async () => {
      for (const [i, side] of sides.entries()) await side.initialize(copies[i]!); // the sides' own come first
      engine.tidy(() => finish(copies));
      engine.dispose(...copies);
    });
  }

  /** Finishes what waited for the host: gradients of the first minibatch, then new estimates. */
  async settle(): Promise<void> {
    // What waits for one side may, once that is there, wait for the other.
    for (let finish = this.deferred.shift(); finish; finish = this.deferred.shift()) await finish();
  }

  /** Brings the estimates up to date after the step. */
  async update(): Promise<void> {
    for (const side of this.sides.values()) await side.settle();
  }

  /** While frozen, estimates are used but not updated (but for components that are never frozen). */
  freeze(wanted: boolean): void {
    const frozen = wanted && !this.component.naturalGradient?.neverFrozen;
    this.frozen = frozen;
    for (const side of this.sides.values()) side.frozen = frozen;
  }

  async save(into: Record<string, Float32Array>): Promise<void> {
    for (const [key, side] of this.sides)
      for (const [name, data] of Object.entries(await side.save()))
        into[`${this.component.name}/${key}/${name}`] = data;
  }

  /** @param dims columns of each parameter by name, to know the sides' sizes before any data */
  restore(state: Readonly<Record<string, Float32Array>>, dimOf: (key: string) => number): void {
    const natural = this.component.naturalGradient;
    if (!natural) return;
    const prefix = `${this.component.name}/`;
    for (const path of Object.keys(state)) {
      if (!path.startsWith(prefix) || !path.endsWith('/w')) continue;
      const key = path.slice(prefix.length, -2);
      const side = this.side(key, dimOf(key), natural, key.endsWith('.out') ? 'Out' : 'In');
      side.restore({ w: state[path]!, doubles: state[`${prefix}${key}/doubles`]! });
    }
  }

  dispose(): void {
    this.deferred = [];
    for (const side of this.sides.values()) side.dispose();
    this.sides.clear();
  }
}
