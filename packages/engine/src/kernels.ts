import type { ElementwiseProgram } from './elementwise.js';
import type { BinaryOp, Precision, UnaryOp } from './engine.js';
import type { HeldIndex, HeldTensor } from './handles.js';

/**
 * What one library must bring to be an engine: each operation on its own handles `H` (matrices) and `I` (row
 * indexes). Shapes are checked, and lives counted, by `KernelEngine`; a kernel only computes. It returns a new
 * handle, or the handle of an operand that it was given to consume.
 */
export interface Kernels<H, I> {
  readonly name: string;
  readonly version: string;
  readonly precision: Precision;
  readonly threads: number;

  tensor(rows: number, cols: number, data: Float32Array): H;
  full(rows: number, cols: number, value: number): H;
  rowIndex(rows: Int32Array): I;
  read(x: HeldTensor<H>): Promise<Float32Array>;
  readSync?(x: HeldTensor<H>): Float32Array;
  free(handle: H): void;
  freeIndex(handle: I): void;

  matmul(a: HeldTensor<H>, b: HeldTensor<H>, transposeA: boolean, transposeB: boolean): H;
  affine(x: HeldTensor<H>, weights: HeldTensor<H>, bias: HeldTensor<H> | undefined): H;
  unary(op: UnaryOp, x: HeldTensor<H>): H;
  binary(op: BinaryOp, a: HeldTensor<H>, b: HeldTensor<H>): H;
  scale(x: HeldTensor<H>, scale: number, offset: number): H;
  addScaled(a: HeldTensor<H>, b: HeldTensor<H>, scale: number): H;
  /** May return a's own handle, changed in place; else the engine frees a. */
  intoAddScaled(a: HeldTensor<H>, b: HeldTensor<H>, scale: number): H;
  clamp(x: HeldTensor<H>, low: number, high: number): H;
  where(condition: HeldTensor<H>, a: HeldTensor<H>, b: HeldTensor<H>): H;

  reluGrad(y: HeldTensor<H>, dy: HeldTensor<H>): H;
  sigmoidGrad(y: HeldTensor<H>, dy: HeldTensor<H>): H;
  tanhGrad(y: HeldTensor<H>, dy: HeldTensor<H>): H;
  softmax(x: HeldTensor<H>): H;
  logSoftmax(x: HeldTensor<H>): H;
  logSoftmaxGrad(y: HeldTensor<H>, dy: HeldTensor<H>): H;

  sumRows(x: HeldTensor<H>): H;
  sumCols(x: HeldTensor<H>): H;
  sumAll(x: HeldTensor<H>): H;
  maxCols(x: HeldTensor<H>): H;
  argMaxCols(x: HeldTensor<H>): H;

  sliceRows(x: HeldTensor<H>, start: number, count: number): H;
  sliceCols(x: HeldTensor<H>, start: number, count: number): H;
  strideRows(x: HeldTensor<H>, start: number, stride: number, count: number): H;
  concatRows(xs: readonly HeldTensor<H>[]): H;
  concatCols(xs: readonly HeldTensor<H>[]): H;
  reshape(x: HeldTensor<H>, rows: number, cols: number): H;
  transpose(x: HeldTensor<H>): H;
  gatherRows(x: HeldTensor<H>, index: HeldIndex<I>): H;
  scatterAddRows(x: HeldTensor<H>, index: HeldIndex<I>, rows: number): H;
  pickCols(x: HeldTensor<H>, column: HeldIndex<I>): H;
  spreadCols(values: HeldTensor<H>, column: HeldIndex<I>, cols: number): H;

  // What an engine may have beyond that; without one, `KernelEngine` composes it of the above.
  /**
   * One handle an output; the first `beside` outputs share one matrix. Output o may be the handle of input
   * consume[o] itself; else the engine frees that input.
   */
  map?(
    program: ElementwiseProgram,
    inputs: readonly HeldTensor<H>[],
    parameters: readonly number[],
    consume: readonly number[],
    rows: number,
    cols: number,
    beside: number,
  ): H[];
  /** What the rows of each output add up to. */
  mapSums?(
    program: ElementwiseProgram,
    inputs: readonly HeldTensor<H>[],
    parameters: readonly number[],
    rows: number,
    cols: number,
  ): H[];
  /** May return sum's own handle, changed in place. */
  intoAddRows?(sum: HeldTensor<H>, x: HeldTensor<H>, first: number, scale: number): H;
  affineRelu?(x: HeldTensor<H>, weights: HeldTensor<H>, bias: HeldTensor<H> | undefined): H;
  /** May return sum's own handle, changed in place. */
  intoAddMatmul?(
    sum: HeldTensor<H>,
    a: HeldTensor<H>,
    b: HeldTensor<H>,
    transposeA: boolean,
    transposeB: boolean,
    scale: number,
  ): H;
  /** May return the handles of value and velocity, changed in place. Undefined where it had better be composed. */
  intoMomentum?(
    value: HeldTensor<H>,
    velocity: HeldTensor<H>,
    a: HeldTensor<H>,
    b: HeldTensor<H>,
    momentum: number,
    scale: number,
    rate: number,
  ): H[] | undefined;
  /** Fills values and vectors; false where it does not converge. */
  symmetricEigen?(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): boolean;
  dotRows?(a: HeldTensor<H>, b: HeldTensor<H>): H;
  dotCols?(a: HeldTensor<H>, b: HeldTensor<H>): H;
  sumSquares?(x: HeldTensor<H>): H;
  /** Undefined where it had better be composed. */
  affinePatches?(
    x: HeldTensor<H>,
    patches: HeldIndex<I>,
    perRow: number,
    weights: HeldTensor<H>,
    bias: HeldTensor<H> | undefined,
    relu: boolean,
  ): H | undefined;
  matmulPatches?(dy: HeldTensor<H>, x: HeldTensor<H>, patches: HeldIndex<I>, perRow: number): H | undefined;
}
