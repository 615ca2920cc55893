import type { Engine, Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  dimError,
  type Propagated,
  rowMatrix,
  type Start,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import type { NaturalGradientSettings } from '../trainable.js';
import { vectorFile } from './read-file.js';

/** Natural gradient as these components use it, which have no settings of their own. */
const plainNaturalGradient = (rank: number): NaturalGradientSettings => ({
  rankIn: rank,
  rankOut: rank,
  updatePeriod: 4,
  numSamplesHistory: 2000,
  alphaIn: 4,
  alphaOut: 4,
  neverFrozen: true,
});

const inBlocks = (engine: Engine, t: Tensor, block: number): Tensor =>
  block === t.cols ? t : engine.reshape(t, (t.rows * t.cols) / block, block);

const asRows = (engine: Engine, t: Tensor, like: Tensor): Tensor =>
  t.rows === like.rows ? t : engine.reshape(t, like.rows, like.cols);

/** y = x + offsets; the offsets may be shared by blocks of units. */
export class PerElementOffsetComponent extends UpdatableComponent {
  static override readonly type: string = 'PerElementOffsetComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Offsets>', 'vector', 'offsets'),
    field('<Dim>', 'int', 'dim', { optional: true }),
    field('<UseNaturalGradient>', 'bool', 'useNaturalGradient', { optional: true }),
  ];
  offsets: Float32Array = new Float32Array(0);
  dim = 0;
  useNaturalGradient = true;

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure(start: Start): void {
    const { config, random } = start;
    this.configureLearning(config);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    if (config.has('vector')) {
      this.offsets = vectorFile(start, 'vector');
      this.dim = config.positive('dim', this.offsets.length);
    } else {
      this.dim = config.positive('dim');
      const block = config.positive('block-dim', this.dim);
      this.offsets = random.normals(block, config.float('param-mean', 0), config.float('param-stddev', 0));
    }
    if (this.dim % this.offsets.length)
      config.fail(`expected block-dim to divide dim=${this.dim}, found ${this.offsets.length}`);
  }

  override check(): void {
    if (this.dim === 0) this.dim = this.offsets.length;
    if (this.offsets.length === 0 || this.dim % this.offsets.length)
      dimError(`${this.type}, offsets`, `a divisor of ${this.dim}`, this.offsets.length);
  }

  parameters(): Record<string, Matrix> {
    return { offsets: rowMatrix(this.offsets) };
  }
  withParameters({ offsets }: Readonly<Record<string, Matrix>>): this {
    return this.with({ offsets: offsets?.data ?? this.offsets } as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings | undefined {
    return this.useNaturalGradient ? plainNaturalGradient(20) : undefined;
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    const y = engine.binary('add', inBlocks(engine, x, this.offsets.length), tensors['offsets']!);
    return { y: asRows(engine, y, x) };
  }

  backprop({ engine }: Call, { dy, sink, wanted }: Backprop): Tensor | undefined {
    sink?.rows('offsets', inBlocks(engine, dy, this.offsets.length));
    return wanted ? dy : undefined;
  }
}

/** y = scales * x + offsets, both perhaps shared by blocks of units. */
export class ScaleAndOffsetComponent extends UpdatableComponent {
  static override readonly type: string = 'ScaleAndOffsetComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Dim>', 'int', 'dim'),
    field('<Scales>', 'vector', 'scales'),
    field('<Offsets>', 'vector', 'offsets'),
    field('<UseNaturalGradient>', 'bool', 'useNaturalGradient'),
    field('<Rank>', 'int', 'rank'),
  ];
  dim = 0;
  scales: Float32Array = new Float32Array(0);
  offsets: Float32Array = new Float32Array(0);
  useNaturalGradient = true;
  rank = 20;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.configureLearning(config);
    this.dim = config.positive('dim');
    const block = config.positive('block-dim', this.dim);
    if (this.dim % block) config.fail(`expected block-dim to divide dim=${this.dim}, found ${block}`);
    this.useNaturalGradient = config.bool('use-natural-gradient', true);
    this.rank = config.positive('rank', 20);
    this.scales = new Float32Array(block).fill(1);
    this.offsets = new Float32Array(block);
  }

  override check(): void {
    const { dim, scales, offsets } = this;
    if (scales.length === 0 || dim % scales.length || offsets.length !== scales.length)
      dimError(`${this.type}, scales and offsets`, `a divisor of ${dim}`, `${scales.length} and ${offsets.length}`);
  }

  parameters(): Record<string, Matrix> {
    return { scales: rowMatrix(this.scales), offsets: rowMatrix(this.offsets) };
  }
  withParameters({ scales, offsets }: Readonly<Record<string, Matrix>>): this {
    const changed = { scales: scales?.data ?? this.scales, offsets: offsets?.data ?? this.offsets };
    return this.with(changed as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings | undefined {
    return this.useNaturalGradient ? plainNaturalGradient(this.rank) : undefined;
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    const scaled = engine.binary('mul', inBlocks(engine, x, this.scales.length), tensors['scales']!);
    return { y: asRows(engine, engine.binary('add', scaled, tensors['offsets']!), x) };
  }

  backprop({ engine, tensors }: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const block = this.scales.length;
    const derivative = inBlocks(engine, dy, block);
    if (sink) {
      sink.rows('scales', engine.binary('mul', inBlocks(engine, x, block), derivative));
      sink.rows('offsets', derivative);
    }
    return wanted ? asRows(engine, engine.binary('mul', derivative, tensors['scales']!), dy) : undefined;
  }
}
