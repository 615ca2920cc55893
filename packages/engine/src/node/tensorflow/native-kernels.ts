import { type ElementwiseOp, type ElementwiseProgram, elementwise } from '../../elementwise.js';
import type { BinaryOp, UnaryOp } from '../../engine.js';
import type { HeldIndex, HeldTensor } from '../../handles.js';
import { type Handle, type Index, TensorflowKernels, wrap } from './tensorflow-kernels.js';

type T = HeldTensor<Handle>;
type I = HeldIndex<Index>;

// The order of native/simd.h's row jobs.
const [softmax, logSoftmax, logSoftmaxGrad, sumCols, dotCols, maxCols, argMaxCols] = [0, 1, 2, 3, 4, 5, 6];
const none = new Float32Array(0);
const fresh = Int32Array.of(-1);

const programs = new Map<string, ElementwiseProgram>();
/** A program of one operation. */
function single(op: ElementwiseOp, inputs: number): ElementwiseProgram {
  let program = programs.get(op);
  if (!program) programs.set(op, (program = elementwise(inputs, 0, (e, x) => [e.op(op, ...x)])));
  return program;
}
const scaleAndShift = elementwise(1, 2, (e, [x]) => [e.mulAdd(x!, e.parameter(0), e.parameter(1))]);
const addScaled = elementwise(2, 1, (e, [a, b]) => [e.mulAdd(b!, e.parameter(0), a!)]);
const clamp = elementwise(1, 2, (e, [x]) => [e.op('min', e.op('max', x!, e.parameter(0)), e.parameter(1))]);

/**
 * The kernels for the host's CPU: libtensorflow multiplies, or our own product where the CPU has AVX2 or AVX-512, and
 * all else is done by loops of our own in tensors' memory. Slices and reshaped matrices are views; sums go in place. Work
 * is done after the call that asks for it, while JavaScript goes on (native/tasks.h).
 */
export class NativeKernels extends TensorflowKernels {
  /** Products by the addon's own kernel, and not by libtensorflow's operation. */
  #own = this.binding.hasMatmul();
  #amx = false;

  /** Leaves bfloat16 products to libtensorflow, which has AMX. */
  useAmx(): void {
    this.#amx = true;
  }

  override full(rows: number, cols: number, value: number): Handle {
    return wrap(this.binding.full(rows, cols, value));
  }

  override rowIndex(rows: Int32Array): Index {
    return { rows: rows.slice(), id: this.binding.index(rows) };
  }
  override freeIndex(index: Index): void {
    this.binding.freeIndex(index.id!);
    super.freeIndex(index);
  }

  override matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): Handle {
    if (!this.#takes) return super.matmul(a, b, transposeA, transposeB);
    return this.#product(a, b, transposeA, transposeB, undefined, false);
  }
  override affine(x: T, weights: T, bias: T | undefined): Handle {
    if (this.#takes) return this.#product(x, weights, false, true, bias, false);
    return this.#finish(super.matmul(x, weights, false, true), bias, false, x.rows, weights.rows);
  }
  affineRelu(x: T, weights: T, bias: T | undefined): Handle {
    if (this.#takes) return this.#product(x, weights, false, true, bias, true);
    return this.#finish(super.matmul(x, weights, false, true), bias, true, x.rows, weights.rows);
  }
  intoAddMatmul(sum: T, a: T, b: T, transposeA: boolean, transposeB: boolean, scale: number): Handle {
    if (this.#takes) {
      const half = this.precision === 'mixed';
      const [left, right] = [a.live.id, b.live.id];
      return this.#instead(
        sum,
        this.binding.matmul(left, right, transposeA, transposeB, -1, false, half, sum.live.id, scale),
      );
    }
    const product = super.matmul(a, b, transposeA, transposeB);
    const [id] = this.#map(addScaled, [sum.live.id, product.id], [scale], [0], sum.rows, sum.cols);
    this.free(product);
    return this.#instead(sum, id!);
  }
  intoMomentum(value: T, velocity: T, a: T, b: T, momentum: number, scale: number, rate: number): Handle[] | undefined {
    if (!this.#takes) return undefined;
    const outs = new Int32Array(2);
    const half = this.precision === 'mixed';
    const [ids, left, right] = [[value.live.id, velocity.live.id] as const, a.live.id, b.live.id];
    this.binding.matmulMomentum(...ids, left, right, half, momentum, scale, rate, outs);
    return [this.#instead(value, outs[0]!), this.#instead(velocity, outs[1]!)];
  }
  affinePatches(x: T, patches: I, perRow: number, weights: T, bias: T | undefined, relu: boolean): Handle | undefined {
    if (!this.#takes) return undefined;
    const half = this.precision === 'mixed';
    const plus = bias ? bias.live.id : -1;
    return wrap(
      this.binding.matmulPatches(x.live.id, patches.live.id!, perRow, weights.live.id, plus, relu, false, half),
    );
  }
  matmulPatches(dy: T, x: T, patches: I, perRow: number): Handle | undefined {
    if (!this.#takes) return undefined;
    const half = this.precision === 'mixed';
    return wrap(this.binding.matmulPatches(x.live.id, patches.live.id!, perRow, dy.live.id, -1, false, true, half));
  }
  get #takes(): boolean {
    return this.#own && !(this.#amx && this.precision === 'mixed');
  }
  #product(a: T, b: T, transposeA: boolean, transposeB: boolean, bias: T | undefined, relu: boolean): Handle {
    const half = this.precision === 'mixed';
    const [left, right] = [a.live.id, b.live.id];
    const plus = bias ? bias.live.id : -1;
    return wrap(this.binding.matmul(left, right, transposeA, transposeB, plus, relu, half, -1, 1));
  }
  #finish(product: Handle, bias: T | undefined, relu: boolean, rows: number, cols: number): Handle {
    if (!bias && !relu) return product;
    const program = bias ? (relu ? addRelu : single('add', 2)) : single('relu', 1);
    const [id] = this.#map(program, bias ? [product.id, bias.live.id] : [product.id], [], [-1], rows, cols);
    this.free(product);
    return wrap(id!);
  }

  map(
    program: ElementwiseProgram,
    inputs: readonly T[],
    parameters: readonly number[],
    consume: readonly number[],
    rows: number,
    cols: number,
    beside = 0,
  ): Handle[] {
    const ids = inputs.map((x) => x.live.id);
    const outs = this.#map(program, ids, parameters, consume, rows, cols, beside);
    const from = consume.slice(Math.max(0, beside - 1));
    return Array.from(outs, (id, o) => (from[o]! >= 0 ? this.#instead(inputs[from[o]!]!, id) : wrap(id)));
  }
  mapSums(
    program: ElementwiseProgram,
    inputs: readonly T[],
    parameters: readonly number[],
    rows: number,
    cols: number,
  ): Handle[] {
    const outs = new Int32Array(program.outputs);
    const ids = Int32Array.from(inputs, (x) => x.live.id);
    this.binding.mapSums(program.code, Float32Array.from(parameters), ids, fresh, rows, cols, outs);
    return Array.from(outs, (id) => wrap(id));
  }
  intoAddRows(sum: T, x: T, first: number, scale: number): Handle {
    return this.#instead(sum, this.binding.addRows(sum.live.id, x.live.id, first, scale));
  }
  #map(
    program: ElementwiseProgram,
    ids: readonly number[],
    parameters: readonly number[],
    consume: readonly number[],
    rows: number,
    cols: number,
    beside = 0,
  ): Int32Array {
    const outs = new Int32Array(program.outputs - Math.max(0, beside - 1));
    this.binding.map(
      program.code,
      Float32Array.from(parameters),
      Int32Array.from(ids),
      Int32Array.from(consume),
      rows,
      cols,
      outs,
      beside,
    );
    return outs;
  }
  /** The handle of what took `x`'s place: its own where that was done in place. */
  #instead(x: T, id: number): Handle {
    if (id !== x.live.id) return wrap(id);
    this.forgetHalf(x.live);
    return x.live;
  }
  #one(program: ElementwiseProgram, rows: number, cols: number, ...ids: readonly number[]): Handle {
    const outs = new Int32Array(1);
    this.binding.map(program.code, none, Int32Array.from(ids), fresh, rows, cols, outs, 0);
    return wrap(outs[0]!);
  }
  override unary(op: UnaryOp, x: T): Handle {
    return this.#one(single(op, 1), x.rows, x.cols, x.live.id);
  }
  override binary(op: BinaryOp, a: T, b: T): Handle {
    const rows = Math.max(a.rows, b.rows);
    return this.#one(single(op, 2), rows, Math.max(a.cols, b.cols), a.live.id, b.live.id);
  }
  override scale(x: T, scale: number, offset: number): Handle {
    return this.map(scaleAndShift, [x], [scale, offset], [-1], x.rows, x.cols)[0]!;
  }
  override addScaled(a: T, b: T, scale: number): Handle {
    return this.map(addScaled, [a, b], [scale], [-1], a.rows, a.cols)[0]!;
  }
  override intoAddScaled(a: T, b: T, scale: number): Handle {
    return this.map(addScaled, [a, b], [scale], [0], a.rows, a.cols)[0]!;
  }
  override clamp(x: T, low: number, high: number): Handle {
    return this.map(clamp, [x], [low, high], [-1], x.rows, x.cols)[0]!;
  }
  override where(condition: T, a: T, b: T): Handle {
    return this.#one(single('select', 3), a.rows, a.cols, condition.live.id, a.live.id, b.live.id);
  }
  override reluGrad(y: T, dy: T): Handle {
    return this.#one(single('reluGrad', 2), y.rows, y.cols, y.live.id, dy.live.id);
  }
  override sigmoidGrad(y: T, dy: T): Handle {
    return this.#one(single('sigmoidGrad', 2), y.rows, y.cols, y.live.id, dy.live.id);
  }
  override tanhGrad(y: T, dy: T): Handle {
    return this.#one(single('tanhGrad', 2), y.rows, y.cols, y.live.id, dy.live.id);
  }

  override softmax(x: T): Handle {
    return this.#rows(softmax, x);
  }
  override logSoftmax(x: T): Handle {
    return this.#rows(logSoftmax, x);
  }
  override logSoftmaxGrad(y: T, dy: T): Handle {
    return this.#rows(logSoftmaxGrad, y, dy);
  }
  override sumRows(x: T): Handle {
    return wrap(this.binding.sumRows(x.live.id, -1, false));
  }
  override sumCols(x: T): Handle {
    return this.#rows(sumCols, x);
  }
  override sumAll(x: T): Handle {
    return wrap(this.binding.sumRows(x.live.id, -1, true));
  }
  symmetricEigen(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): boolean {
    return this.binding.symmetricEigen(a, n, values, vectors);
  }
  dotRows(a: T, b: T): Handle {
    return wrap(this.binding.sumRows(a.live.id, b.live.id, false));
  }
  dotCols(a: T, b: T): Handle {
    return this.#rows(dotCols, a, b);
  }
  sumSquares(x: T): Handle {
    return wrap(this.binding.sumRows(x.live.id, x.live.id, true));
  }
  override maxCols(x: T): Handle {
    return this.#rows(maxCols, x);
  }
  override argMaxCols(x: T): Handle {
    return this.#rows(argMaxCols, x);
  }
  #rows(job: number, a: T, b?: T): Handle {
    return wrap(this.binding.rows(job, a.live.id, b ? b.live.id : -1));
  }

  override sliceRows(x: T, start: number, count: number): Handle {
    return wrap(this.binding.view(x.live.id, start, count, 1, 0, x.cols));
  }
  override sliceCols(x: T, start: number, count: number): Handle {
    return wrap(this.binding.view(x.live.id, 0, x.rows, 1, start, count));
  }
  override strideRows(x: T, start: number, stride: number, count: number): Handle {
    return wrap(this.binding.view(x.live.id, start, count, stride, 0, x.cols));
  }
  override concatRows(xs: readonly T[]): Handle {
    return wrap(
      this.binding.concat(
        Int32Array.from(xs, (x) => x.live.id),
        false,
      ),
    );
  }
  override concatCols(xs: readonly T[]): Handle {
    return wrap(
      this.binding.concat(
        Int32Array.from(xs, (x) => x.live.id),
        true,
      ),
    );
  }
  override reshape(x: T, rows: number, cols: number): Handle {
    return wrap(this.binding.reshape(x.live.id, rows, cols));
  }
  override transpose(x: T): Handle {
    return wrap(this.binding.transpose(x.live.id));
  }
  override gatherRows(x: T, index: I): Handle {
    return wrap(this.binding.gather(x.live.id, index.live.id!));
  }
  override scatterAddRows(x: T, index: I, rows: number): Handle {
    return wrap(this.binding.scatterAdd(x.live.id, index.live.id!, rows));
  }
  override pickCols(x: T, column: I): Handle {
    return wrap(this.binding.pick(x.live.id, column.live.id!));
  }
  override spreadCols(values: T, column: I, cols: number): Handle {
    return wrap(this.binding.spread(values.live.id, column.live.id!, cols));
  }
}

const addRelu = elementwise(2, 0, (e, [x, bias]) => [e.op('relu', e.add(x!, bias!))]);
