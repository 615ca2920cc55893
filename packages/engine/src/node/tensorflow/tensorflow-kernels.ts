import type { BinaryOp, Precision, UnaryOp } from '../../engine.js';
import type { HeldIndex, HeldTensor } from '../../handles.js';
import type { Kernels } from '../../kernels.js';
import type { Binding } from './binding.js';
import { RawOperations } from './raw-operations.js';

/** A tensor's number and, once a mixed-precision product wanted it, that of its bfloat16 form. */
export interface Handle {
  id: number;
  half: number | undefined;
}
/** Row numbers, and as tensors: clamped to 0, what to multiply by where some are missing, as given, as cells. */
export interface Index {
  readonly rows: Int32Array;
  /** Its number in the addon, where the host's kernels take it. */
  readonly id?: number;
  clamped?: number;
  mask?: number | undefined;
  given?: number;
  cells?: number;
}
type T = HeldTensor<Handle>;
type I = HeldIndex<Index>;

const unaryNames: Record<UnaryOp, string> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  rsqrt: 'Rsqrt',
  square: 'Square',
  abs: 'Abs',
  neg: 'Neg',
  sign: 'Sign',
  reciprocal: 'Reciprocal',
};
const binaryNames: Record<BinaryOp, string> = {
  add: 'AddV2',
  sub: 'Sub',
  mul: 'Mul',
  div: 'RealDiv',
  max: 'Maximum',
  min: 'Minimum',
  greater: 'Greater',
  less: 'Less',
};
// libtensorflow's numbers of types: float 1, int32 3, int64 9, bool 10, bfloat16 14.
const float = 'T:type=1';
const keep = (type: string): string => `${type} Tidx:type=3 keep_dims:bool=1`;

/** The kernels by libtensorflow's own operations alone: on any device that it has, the CPU or CUDA. */
export class TensorflowKernels implements Kernels<Handle, Index> {
  readonly name = 'tensorflow';
  readonly version: string;
  protected readonly binding: Binding;
  protected readonly raw: RawOperations;

  constructor(
    binding: Binding,
    readonly precision: Precision,
    readonly threads: number,
  ) {
    this.binding = binding;
    this.raw = new RawOperations(binding);
    this.version = binding.version();
  }

  tensor(rows: number, cols: number, data: Float32Array): Handle {
    return { id: this.binding.matrix(rows, cols, data), half: undefined };
  }
  full(rows: number, cols: number, value: number): Handle {
    const [dims, scalar] = [this.raw.ints(rows, cols), this.raw.float(value)];
    return this.#last('Fill', `${float} index_type:type=3`, [dims, scalar], [dims, scalar]);
  }
  rowIndex(rows: Int32Array): Index {
    return { rows: rows.slice() };
  }
  readSync(x: T): Float32Array {
    const into = new Float32Array(x.rows * x.cols);
    this.binding.read(x.live.id, into);
    return into;
  }
  async read(x: T): Promise<Float32Array> {
    return this.readSync(x);
  }
  free(handle: Handle): void {
    this.binding.free(handle.id);
    this.forgetHalf(handle);
  }
  freeIndex({ clamped, mask, given, cells }: Index): void {
    for (const tensor of [clamped, mask, given, cells]) if (tensor !== undefined) this.binding.free(tensor);
  }

  matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): Handle {
    const attributes = `transpose_a:bool=${Number(transposeA)} transpose_b:bool=${Number(transposeB)}`;
    if (this.precision === 'float32') return this.#run('MatMul', `${float} ${attributes}`, a.live.id, b.live.id);
    const product = this.raw.run('MatMul', `T:type=14 ${attributes}`, this.half(a), this.half(b));
    return this.#last('Cast', 'SrcT:type=14 DstT:type=1', [product], [product]);
  }
  affine(x: T, weights: T, bias: T | undefined): Handle {
    const product = this.matmul(x, weights, false, true);
    if (!bias) return product;
    return this.#last('AddV2', float, [product.id, bias.live.id], [product.id]);
  }
  unary(op: UnaryOp, x: T): Handle {
    return this.#run(unaryNames[op], float, x.live.id);
  }
  binary(op: BinaryOp, a: T, b: T): Handle {
    const result = this.raw.run(binaryNames[op], float, a.live.id, b.live.id);
    if (op !== 'greater' && op !== 'less') return wrap(result);
    return this.#last('Cast', 'SrcT:type=10 DstT:type=1', [result], [result]);
  }
  scale(x: T, scale: number, offset: number): Handle {
    const scaled = this.#withScalar('Mul', x.live.id, scale);
    if (offset === 0) return scaled;
    const shifted = this.#withScalar('AddV2', scaled.id, offset);
    this.binding.free(scaled.id);
    return shifted;
  }
  addScaled(a: T, b: T, scale: number): Handle {
    if (scale === 1) return this.#run('AddV2', float, a.live.id, b.live.id);
    const scaled = this.#withScalar('Mul', b.live.id, scale).id;
    return this.#last('AddV2', float, [a.live.id, scaled], [scaled]);
  }
  intoAddScaled(a: T, b: T, scale: number): Handle {
    return this.addScaled(a, b, scale);
  }
  clamp(x: T, low: number, high: number): Handle {
    const raised = this.#withScalar('Maximum', x.live.id, low);
    const held = this.#withScalar('Minimum', raised.id, high);
    this.binding.free(raised.id);
    return held;
  }
  where(condition: T, a: T, b: T): Handle {
    const zero = this.raw.float(0);
    const attributes = `${float} incompatible_shape_error:bool=1`;
    const yes = this.raw.last('NotEqual', attributes, [condition.live.id, zero], [zero]);
    return this.#last('SelectV2', float, [yes, a.live.id, b.live.id], [yes]);
  }

  reluGrad(y: T, dy: T): Handle {
    return this.#run('ReluGrad', float, dy.live.id, y.live.id);
  }
  sigmoidGrad(y: T, dy: T): Handle {
    return this.#run('SigmoidGrad', float, y.live.id, dy.live.id);
  }
  tanhGrad(y: T, dy: T): Handle {
    return this.#run('TanhGrad', float, y.live.id, dy.live.id);
  }
  softmax(x: T): Handle {
    return this.#run('Softmax', float, x.live.id);
  }
  logSoftmax(x: T): Handle {
    return this.#run('LogSoftmax', float, x.live.id);
  }
  logSoftmaxGrad(y: T, dy: T): Handle {
    const total = this.sumCols(dy).id;
    const probabilities = this.raw.run('Exp', float, y.live.id);
    const spent = [total, probabilities];
    const share = this.raw.last('Mul', float, spent, spent);
    return this.#last('Sub', float, [dy.live.id, share], [share]);
  }

  sumRows(x: T): Handle {
    return this.#fold('Sum', x, 0);
  }
  sumCols(x: T): Handle {
    return this.#fold('Sum', x, 1);
  }
  sumAll(x: T): Handle {
    return this.#fold('Sum', x, 0, 1);
  }
  maxCols(x: T): Handle {
    return this.#fold('Max', x, 1);
  }
  argMaxCols(x: T): Handle {
    const axis = this.raw.int(1);
    const column = this.raw.last('ArgMax', `${float} Tidx:type=3 output_type:type=9`, [x.live.id, axis], [axis]);
    const value = this.raw.last('Cast', 'SrcT:type=9 DstT:type=1', [column], [column]);
    return this.#reshaped(value, x.rows, 1);
  }

  sliceRows(x: T, start: number, count: number): Handle {
    return this.#slice(x, [start, 0], [count, x.cols]);
  }
  sliceCols(x: T, start: number, count: number): Handle {
    return this.#slice(x, [0, start], [x.rows, count]);
  }
  strideRows(x: T, start: number, stride: number, count: number): Handle {
    const end = start + stride * (count - 1) + 1;
    const range = [this.raw.ints(start, 0), this.raw.ints(end, x.cols), this.raw.ints(stride, 1)];
    return this.#last('StridedSlice', `${float} Index:type=3`, [x.live.id, ...range], range);
  }
  concatRows(xs: readonly T[]): Handle {
    return this.#concat(xs, 0);
  }
  concatCols(xs: readonly T[]): Handle {
    return this.#concat(xs, 1);
  }
  reshape(x: T, rows: number, cols: number): Handle {
    const shape = this.raw.ints(rows, cols);
    return this.#last('Reshape', `${float} Tshape:type=3`, [x.live.id, shape], [shape]);
  }
  transpose(x: T): Handle {
    const order = this.raw.ints(1, 0);
    return this.#last('Transpose', `${float} Tperm:type=3`, [x.live.id, order], [order]);
  }

  gatherRows(x: T, index: I): Handle {
    const i = index.live;
    i.clamped ??= this.#ints(
      i.rows.map((row) => Math.max(row, 0)),
      [i.rows.length],
    );
    const axis = this.raw.int(0);
    const attributes = 'Tparams:type=1 Tindices:type=3 Taxis:type=3 batch_dims:int=0';
    return this.#masked(this.raw.last('GatherV2', attributes, [x.live.id, i.clamped, axis], [axis]), i);
  }
  scatterAddRows(x: T, index: I, rows: number): Handle {
    const i = index.live;
    i.given ??= this.#ints(i.rows, [i.rows.length]);
    const count = this.raw.int(rows);
    const attributes = `${float} Tindices:type=3 Tnumsegments:type=3`;
    return this.#last('UnsortedSegmentSum', attributes, [x.live.id, i.given, count], [count]);
  }
  pickCols(x: T, column: I): Handle {
    const i = column.live;
    const found = this.raw.run('GatherNd', 'Tparams:type=1 Tindices:type=3', x.live.id, this.#cells(i));
    return this.#masked(this.#reshaped(found, x.rows, 1).id, i);
  }
  spreadCols(values: T, column: I, cols: number): Handle {
    const i = column.live;
    const whole = this.#mask(i) === undefined;
    const shown = whole ? values.live.id : this.raw.run('Mul', float, values.live.id, i.mask!);
    const flat = this.raw.ints(values.rows);
    const line = this.raw.last('Reshape', `${float} Tshape:type=3`, [shown, flat], whole ? [flat] : [flat, shown]);
    const shape = this.raw.ints(values.rows, cols);
    return this.#last('ScatterNd', `${float} Tindices:type=3`, [this.#cells(i), line, shape], [line, shape]);
  }

  /** The bfloat16 form, made once for each tensor: weights and activations are multiplied two or three times. */
  protected half(x: T): number {
    return (x.live.half ??= this.raw.run('Cast', 'SrcT:type=1 DstT:type=14', x.live.id));
  }
  protected forgetHalf(handle: Handle): void {
    if (handle.half !== undefined) this.binding.free(handle.half);
    handle.half = undefined;
  }

  #run(name: string, attributes: string, ...inputs: readonly number[]): Handle {
    return wrap(this.raw.run(name, attributes, ...inputs));
  }
  #last(name: string, attributes: string, inputs: readonly number[], spent: readonly number[]): Handle {
    return wrap(this.raw.last(name, attributes, inputs, spent));
  }
  #withScalar(name: string, x: number, value: number): Handle {
    const scalar = this.raw.float(value);
    return this.#last(name, float, [x, scalar], [scalar]);
  }
  #fold(name: string, x: T, ...axes: readonly number[]): Handle {
    const axis = this.raw.ints(...axes);
    return this.#last(name, keep(float), [x.live.id, axis], [axis]);
  }
  #slice(x: T, start: readonly number[], size: readonly number[]): Handle {
    const range = [this.raw.ints(...start), this.raw.ints(...size)];
    return this.#last('Slice', `${float} Index:type=3`, [x.live.id, ...range], range);
  }
  #concat(xs: readonly T[], axis: number): Handle {
    const along = this.raw.int(axis);
    const parts = xs.map((x) => x.live.id);
    if (parts.length === 1) return this.#last('Identity', float, parts, [along]);
    return this.#last('ConcatV2', `${float} Tidx:type=3 N:int=${parts.length}`, [...parts, along], [along]);
  }
  #reshaped(spent: number, rows: number, cols: number): Handle {
    const shape = this.raw.ints(rows, cols);
    return this.#last('Reshape', `${float} Tshape:type=3`, [spent, shape], [spent, shape]);
  }
  #ints(values: Int32Array, dims: readonly number[]): number {
    return this.binding.constant(values, Int32Array.from(dims));
  }
  #cells(index: Index): number {
    const cells = new Int32Array(2 * index.rows.length);
    index.rows.forEach((column, i) => {
      cells[2 * i] = i;
      cells[2 * i + 1] = Math.max(column, 0);
    });
    return (index.cells ??= this.#ints(cells, [index.rows.length, 2]));
  }
  #mask(index: Index): number | undefined {
    if (index.mask === undefined && index.rows.some((row) => row < 0)) {
      const mask = Float32Array.from(index.rows, (row) => (row < 0 ? 0 : 1));
      index.mask = this.binding.matrix(mask.length, 1, mask);
    }
    return index.mask;
  }
  #masked(found: number, index: Index): Handle {
    const mask = this.#mask(index);
    return mask === undefined ? wrap(found) : this.#last('Mul', float, [found, mask], [found]);
  }
}

export const wrap = (id: number): Handle => ({ id, half: undefined });
