import type { Engine, Normalizer, NormalizerSlope, RowIndex, Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import type { ConfigLine } from './config-line.js';
import { NetworkError } from './errors.js';
import { type Field, field } from './fields.js';
import type { GradientSink } from './gradient-sink.js';
import type { Index } from './indexes.js';
import type { Random } from './random.js';
import type { NaturalGradientSettings } from './trainable.js';

/** What a component is made from: its config line, draws, and files that the config names. */
export interface Start {
  readonly config: ConfigLine;
  readonly random: Random;
  /** Bytes of a file named in the config (`matrix=...`). */
  file(path: string): Uint8Array;
}

/** The rows of one call: which indexes go in and come out; each is a block of `sequences` rows. */
export interface Rows {
  readonly inputs: readonly Index[];
  readonly outputs: readonly Index[];
  readonly sequences: number;
}

/** One call of a component on an engine. */
export interface Call {
  readonly engine: Engine;
  readonly rows: Rows;
  /** What {@link Component.tensors} gave, on the engine. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Statistics of this component on the engine. */
  readonly statistics: Statistics;
  readonly training: boolean;
  readonly storeStatistics: boolean;
  /** Asked of a component with `canRectify` that only a ReLU reads: to give max(0, y) straight away. */
  readonly rectify: boolean;
  /** Told to that ReLU: its input is already rectified. */
  readonly rectified: boolean;
  /** Asked of a batch norm whose output only a sum of two reads: to leave normalising to that sum (`Propagated.pending`). */
  readonly intoSum: boolean;
  /** A new seed at each call; the same in the same pass of the same seed. */
  draw(): number;
  /** Something on the host that is made of `rows` alone, made once per plan. */
  prepared<T>(make: () => T): T;
  /** A tensor made of the component's tensors alone, made again when one of them is replaced. */
  derived(name: string, make: () => Tensor): Tensor;
  /** A row index, made once per plan for each key. */
  rowIndex(key: unknown, make: () => Int32Array): RowIndex;
  /** A column on the engine that is made of `rows` alone, made once per plan for each key. */
  column(key: string, make: () => Float32Array): Tensor;
}

/** Sums over the data, kept on the engine; they start from what the model file holds. */
export interface Statistics {
  /** Adds a tensor to a sum (zeros at first), and takes it over. */
  add(name: string, values: Tensor): void;
  sum(name: string): Tensor | undefined;
  count(name: string): number;
  addCount(name: string, by: number): void;
}

/** Statistics on the host: sums by name and counts by name. */
export interface HostStatistics {
  readonly sums: Readonly<Record<string, Matrix>>;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Propagated {
  readonly y: Tensor;
  /** What backprop needs besides x and y. */
  readonly memo?: Readonly<Record<string, Tensor>> | undefined;
  /** Given with `Call.intoSum`: y is yet to be normalised by this. */
  readonly pending?: Normalizer | undefined;
}

export interface Backprop {
  /** Present if `needs.x` (`needs.y`). */
  readonly x: Tensor;
  readonly y: Tensor;
  readonly dy: Tensor;
  readonly memo: Readonly<Record<string, Tensor>> | undefined;
  /** Where gradients of the parameters go; undefined when nobody wants them. */
  readonly sink: GradientSink | undefined;
  /** Whether the derivative of the input is wanted. */
  readonly wanted: boolean;
  /** Given to a batch norm behind a ReLU: what is handed over here the ReLU does with its own, and dy is returned as it is. */
  readonly leave?: ((norm: NormalizerSlope) => void) | undefined;
  /** What the batch norm behind this ReLU left: dy is the derivative of its output. */
  readonly left?: NormalizerSlope | undefined;
}

/**
 * A component of a network: its settings and parameters on the host, its form on disk, and its arithmetic on an
 * engine. To add one: write a class in a file of its own, with `type` and `fields`, and register it.
 *
 * Components are values: `with` gives a changed copy.
 */
export abstract class Component {
  static readonly type: string;
  /** Its form on disk between `<Type>` and `</Type>`. */
  static readonly fields: readonly Field[];

  abstract readonly inputDim: number;
  abstract readonly outputDim: number;

  get type(): string {
    return (this.constructor as ComponentType).type;
  }

  /** Takes its settings from a config line and draws its parameters. */
  abstract configure(start: Start): void;

  /** Throws if what was read from a file does not fit together. */
  check(): void {}

  with(changes: Partial<this>): this {
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this, changes);
  }

  // --- which rows ---

  /** Whether row i of the output depends on row i of the input alone. */
  readonly simple: boolean = true;
  /** The period with which its use of time repeats. */
  get modulus(): number {
    return 1;
  }
  /** All input indexes that an output index may use. */
  inputIndexes(output: Index): readonly Index[] {
    return [output];
  }
  /** Which of them are used, given which can be had; undefined where the output cannot be computed. */
  usedIndexes(output: Index, available: (input: Index) => boolean): readonly Index[] | undefined {
    const all = this.inputIndexes(output);
    return all.every(available) ? all : undefined;
  }

  // --- arithmetic ---

  /** What it wants on the engine besides its parameters. */
  constants(): Record<string, Matrix> {
    return {};
  }
  /** Whether backprop looks at the input or output of propagate. */
  readonly needs: { readonly x: boolean; readonly y: boolean } = { x: false, y: false };
  /** For y = W x + b: names of the parameters, so that a recurrence can multiply by parts of W. */
  get affine(): { readonly weights: string; readonly bias: string | undefined } | undefined {
    return undefined;
  }
  /** Whether propagate heeds {@link Call.rectify}. */
  get canRectify(): boolean {
    return false;
  }
  abstract propagate(call: Call, x: Tensor): Propagated;
  abstract backprop(call: Call, back: Backprop): Tensor | undefined;

  /** Statistics that it holds, as sums; undefined where it has none. */
  statistics(): HostStatistics | undefined {
    return undefined;
  }
  withStatistics(_statistics: HostStatistics): this {
    return this;
  }
  /** The same component with its statistics at zero. */
  withoutStatistics(): this {
    return this;
  }
}

/** The class of a component, as the registry holds it. */
export interface ComponentType {
  readonly type: string;
  readonly fields: readonly Field[];
  new (): Component;
}

/** A component with parameters that training changes. */
export abstract class UpdatableComponent extends Component {
  learningRate = 0.001;
  learningRateFactor = 1;
  maxChange = 0;
  l2Regularize = 0;
  isGradient = false;

  /** Settings that all updatable components share. */
  protected configureLearning(config: ConfigLine): void {
    this.learningRateFactor = this.notNegative(config, 'learning-rate-factor', 1);
    this.learningRate = this.notNegative(config, 'learning-rate', 0.001);
    this.maxChange = this.notNegative(config, 'max-change', 0);
    this.l2Regularize = this.notNegative(config, 'l2-regularize', 0);
  }

  private notNegative(config: ConfigLine, key: string, fallback: number): number {
    const value = config.float(key, fallback);
    if (value < 0) config.fail(`expected ${key} of at least 0, found ${value}`);
    return value;
  }

  /** Parameters by name; vectors as matrices of one row. */
  abstract parameters(): Record<string, Matrix>;
  /** The same component with other parameters, of the same shapes. */
  abstract withParameters(parameters: Readonly<Record<string, Matrix>>): this;

  get orthonormal(): number {
    return 0;
  }
  get naturalGradient(): NaturalGradientSettings | undefined {
    return undefined;
  }
  /** Whether its parameters are to be trained. */
  get updatable(): boolean {
    return true;
  }

  get parameterCount(): number {
    return Object.values(this.parameters()).reduce((sum, m) => sum + m.data.length, 0);
  }
}

/** What every updatable component writes first (nnet-component-itf.cc, WriteUpdatableCommon). */
export const updatableFields: readonly Field[] = [
  field('<LearningRateFactor>', 'float', 'learningRateFactor', { when: (c) => c.learningRateFactor !== 1 }),
  field('<IsGradient>', 'bool', 'isGradient', { when: (c) => c.isGradient }),
  field('<MaxChange>', 'float', 'maxChange', { when: (c) => c.maxChange > 0 }),
  field('<L2Regularize>', 'float', 'l2Regularize', { when: (c) => c.l2Regularize > 0 }),
  field('<LearningRate>', 'float', 'learningRate'),
];

/** Throws that two dimensions do not fit. */
export function dimError(what: string, expected: number | string, found: number | string): never {
  throw new NetworkError('ERR_NETWORK_DIM', `${what}: expected ${expected}, found ${found}`);
}

export const rowMatrix = (values: Float32Array): Matrix => ({ rows: 1, cols: values.length, data: values });

/** A row on which a number of units count, with what they counted so far in all. */
export function totalMatrix(units: number, total: number): Matrix {
  const row = rowMatrix(new Float32Array(units));
  row.data[0] = total;
  return row;
}
