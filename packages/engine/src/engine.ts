import type { ElementwiseProgram } from './elementwise.js';

/**
 * A matrix that lives on an engine: `rows` x `cols` floats, row-major. Vectors are matrices of one row (or one
 * column). A tensor is a value: no operation changes it, but those whose name starts with `into` consume it.
 * It is freed by `dispose`, or by the end of the `tidy` it was made in.
 */
export interface Tensor {
  readonly rows: number;
  readonly cols: number;
}

/** Row numbers on an engine, for gathering and scattering; -1 stands for no row (zeros). */
export interface RowIndex {
  readonly length: number;
}

export type Precision = 'float32' | 'mixed';

/** Elementwise functions of one matrix. */
export type UnaryOp =
  | 'relu'
  | 'sigmoid'
  | 'tanh'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'square'
  | 'abs'
  | 'neg'
  | 'sign'
  | 'reciprocal';

/** Elementwise functions of two matrices; either may be 1 x cols, rows x 1 or 1 x 1 and is then repeated. */
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'greater' | 'less';

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export interface MapOptions {
  /** The program's numbers. */
  readonly parameters?: readonly number[];
  /**
   * For each output, the input that it takes the place of, in place where the engine can (that input is consumed, as
   * by `intoAddScaled`), or -1.
   */
  readonly consume?: readonly number[];
  /** So many outputs, from the first, are laid side by side in one matrix, which is returned in their stead. */
  readonly beside?: number;
}

/**
 * The matrix operations that everything above is built from. Two implementations: `tensorflow` (libtensorflow, in
 * Node) and `tfjs` (WebAssembly, WebGL, WebGPU and plain JavaScript, in Node and the browser); one conformance
 * suite (`@jebena/engine/testing`) runs over all.
 *
 * With `precision: 'mixed'`, `matmul` and `affine` multiply in bfloat16 and add up in float32; all else is float32.
 */
export interface Engine {
  /** For messages and checkpoints: `tensorflow`, `tfjs-wasm`, `tfjs-cpu`, `tfjs-webgl`, ... */
  readonly name: string;
  /** Version of the library behind it. */
  readonly version: string;
  readonly precision: Precision;
  readonly threads: number;

  /** Puts a matrix on the engine. The data are copied: the caller may reuse the array. */
  tensor(rows: number, cols: number, data: Float32Array): Tensor;
  zeros(rows: number, cols: number): Tensor;
  full(rows: number, cols: number, value: number): Tensor;
  /** Draws that are the same for the same seed on the same engine. */
  randomUniform(rows: number, cols: number, seed: number): Tensor;
  randomNormal(rows: number, cols: number, seed: number): Tensor;
  rowIndex(rows: Int32Array): RowIndex;

  /** Brings a matrix back. In Node it resolves at once; WebGPU needs the wait. */
  read(t: Tensor): Promise<Float32Array>;
  /** The same without waiting, where the engine can (`tensorflow` can). */
  readSync?(t: Tensor): Float32Array;
  /**
   * Eigenvalues, in no order, of the symmetric n x n matrix of which `a` holds the lower triangle row by row, and
   * orthonormal vectors as rows; `a` is used up. Undefined where it does not converge. Only of engines that are much
   * faster at it than JavaScript.
   */
  symmetricEigen?(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } | undefined;
  dispose(...handles: (Tensor | RowIndex | undefined)[]): void;
  /** Frees every tensor made inside `fn` but those it returns (a tensor, or an array or record of them) or that `keep` took. */
  tidy<T>(fn: () => T): T;
  /** Takes a tensor or row index out of the enclosing `tidy`. */
  keep<T extends Tensor | RowIndex>(t: T): T;
  /** Tensors and row indexes that are alive: for tests of leaks. */
  liveTensors(): number;

  /** op(A) op(B), where op transposes or not. */
  matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Tensor;
  /** x W^T + bias: x is rows x in, weights out x in (Kaldi's layout), bias 1 x out. */
  affine(x: Tensor, weights: Tensor, bias?: Tensor): Tensor;
  unary(op: UnaryOp, x: Tensor): Tensor;
  binary(op: BinaryOp, a: Tensor, b: Tensor): Tensor;
  /** scale * x + offset */
  scale(x: Tensor, scale: number, offset?: number): Tensor;
  /** a + scale * b */
  addScaled(a: Tensor, b: Tensor, scale: number): Tensor;
  /** a + scale * b, consuming a (in place where the engine can). */
  intoAddScaled(a: Tensor, b: Tensor, scale: number): Tensor;
  /**
   * Runs an elementwise program (`elementwise`) on matrices of one shape; a row, a column or a number is repeated.
   * One pass over memory where the engine has a way to do so.
   */
  map(program: ElementwiseProgram, inputs: readonly Tensor[], options?: MapOptions): Tensor[];
  /**
   * What the rows of each output of an elementwise program add up to: 1 x cols each. The outputs themselves are not
   * written where the engine has a way to do so.
   */
  mapSums(program: ElementwiseProgram, inputs: readonly Tensor[], parameters?: readonly number[]): Tensor[];
  /** Adds scale * x to the rows of `sum` from `first` on, consuming sum (in place where the engine can). */
  intoAddRows(sum: Tensor, x: Tensor, first: number, scale?: number): Tensor;
  /** relu(x W^T + bias) */
  affineRelu(x: Tensor, weights: Tensor, bias?: Tensor): Tensor;
  /** sum + scale op(A) op(B), consuming sum (in place where the engine can): gradients that add up. */
  intoAddMatmul(sum: Tensor, a: Tensor, b: Tensor, options?: MatmulOptions & { readonly scale?: number }): Tensor;
  /**
   * A step with momentum along the product A^T B: velocity = momentum velocity + scale A^T B, then value + rate velocity.
   * Consumes both (in place where the engine can); A and B have rows. The product is not written where the engine has a
   * way to do so: of few rows it takes longer to write and to read than to make.
   */
  intoMomentum(
    value: Tensor,
    velocity: Tensor,
    a: Tensor,
    b: Tensor,
    options: { readonly momentum: number; readonly scale: number; readonly rate: number },
  ): { readonly value: Tensor; readonly velocity: Tensor };
  /**
   * P W^T + bias, where row i of P holds the rows patches[i * perRow], patches[i * perRow + 1], ... of x side by side (-1:
   * zeros): what a convolution multiplies. P itself is not written where the engine has a way to do so. With `relu`,
   * max(0, .) of that.
   */
  affinePatches(
    x: Tensor,
    patches: RowIndex,
    perRow: number,
    weights: Tensor,
    bias?: Tensor,
    options?: { readonly relu?: boolean },
  ): Tensor;
  /** dy^T P with P of `affinePatches`: the gradient of its weights. */
  matmulPatches(dy: Tensor, x: Tensor, patches: RowIndex, perRow: number): Tensor;
  /** Each value held to [low, high]. */
  clamp(x: Tensor, low: number, high: number): Tensor;
  /** Where condition is not 0: a, else b. */
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;

  /** Derivatives with respect to the input, from the output y and the derivative dy of the output. */
  reluGrad(y: Tensor, dy: Tensor): Tensor;
  sigmoidGrad(y: Tensor, dy: Tensor): Tensor;
  tanhGrad(y: Tensor, dy: Tensor): Tensor;
  softmax(x: Tensor): Tensor;
  logSoftmax(x: Tensor): Tensor;
  /** dy - exp(y) * rowSum(dy) */
  logSoftmaxGrad(y: Tensor, dy: Tensor): Tensor;

  /** 1 x cols: what the rows add up to. */
  sumRows(x: Tensor): Tensor;
  /** rows x 1: what each row adds up to. */
  sumCols(x: Tensor): Tensor;
  /** 1 x 1 */
  sumAll(x: Tensor): Tensor;
  /** 1 x cols: what the rows of a * b (element by element) add up to. */
  dotRows(a: Tensor, b: Tensor): Tensor;
  /** rows x 1: the product of each row of a with that of b. */
  dotCols(a: Tensor, b: Tensor): Tensor;
  /** 1 x 1: what the squares add up to. */
  sumSquares(x: Tensor): Tensor;
  /** rows x 1: the largest value of each row. */
  maxCols(x: Tensor): Tensor;
  /** rows x 1: the column of the largest value of each row, as a float. */
  argMaxCols(x: Tensor): Tensor;

  sliceRows(x: Tensor, start: number, count: number): Tensor;
  sliceCols(x: Tensor, start: number, count: number): Tensor;
  /** Rows start, start + stride, ... (count of them). */
  strideRows(x: Tensor, start: number, stride: number, count: number): Tensor;
  concatRows(xs: readonly Tensor[]): Tensor;
  concatCols(xs: readonly Tensor[]): Tensor;
  /** The same values in another shape of as many elements. */
  reshape(x: Tensor, rows: number, cols: number): Tensor;
  transpose(x: Tensor): Tensor;
  /** Row i of the result is row index[i] of x; zeros where index[i] is -1. */
  gatherRows(x: Tensor, index: RowIndex): Tensor;
  /** Row index[i] of the result (which has `rows` rows) is the sum of the rows i of x; -1 is left out. */
  scatterAddRows(x: Tensor, index: RowIndex, rows: number): Tensor;
  /** rows x 1: element (i, column[i]) of x; 0 where column[i] is -1. */
  pickCols(x: Tensor, column: RowIndex): Tensor;
  /** rows x cols: zeros but values[i] (rows x 1) at (i, column[i]). */
  spreadCols(values: Tensor, column: RowIndex, cols: number): Tensor;
}
