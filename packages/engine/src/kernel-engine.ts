import { elementwise, type ElementwiseProgram } from './elementwise.js';
import type { BinaryOp, Engine, MapOptions, MatmulOptions, Precision, RowIndex, Tensor, UnaryOp } from './engine.js';
import { EngineError } from './errors.js';
import { HeldIndex, HeldTensor, Scopes } from './handles.js';
import { interpretedMap } from './interpreted-map.js';
import type { Kernels } from './kernels.js';
import { normalDraws, uniformDraws } from './random.js';

const fit = (ok: boolean, what: string, ...tensors: readonly Tensor[]): void => {
  if (ok) return;
  const shapes = tensors.map((t) => `${t.rows} x ${t.cols}`).join(', ');
  throw new EngineError('ERR_ENGINE_SHAPE', shapes ? `${what}: operands are ${shapes}` : what);
};
const scaled = elementwise(1, 1, (e, [x]) => [e.mul(x!, e.parameter(0))]);
const same = (a: Tensor, b: Tensor): boolean => a.rows === b.rows && a.cols === b.cols;

/** An engine made of a library's kernels: checks shapes, keeps count of what is alive. */
export class KernelEngine<H, I> implements Engine {
  protected readonly kernels: Kernels<H, I>;
  protected readonly scopes: Scopes;
  readonly name: string;
  readonly version: string;
  readonly precision: Precision;
  readonly threads: number;
  readSync?: (t: Tensor) => Float32Array;
  symmetricEigen?: (a: Float64Array, n: number) => { values: Float64Array; vectors: Float64Array } | undefined;

  constructor(kernels: Kernels<H, I>) {
    this.kernels = kernels;
    this.name = kernels.name;
    this.version = kernels.version;
    this.precision = kernels.precision;
    this.threads = kernels.threads;
    if (kernels.readSync) this.readSync = (t) => kernels.readSync!(this.held(t));
    if (kernels.symmetricEigen)
      this.symmetricEigen = (a, n) => {
        fit(a.length === n * n, `symmetricEigen: ${n} x ${n} wants ${n * n} values, found ${a.length}`);
        const [values, vectors] = [new Float64Array(n), new Float64Array(n * n)];
        return kernels.symmetricEigen!(a, n, values, vectors) ? { values, vectors } : undefined;
      };
    this.scopes = new Scopes((held) =>
      held instanceof HeldIndex ? kernels.freeIndex(held.live) : kernels.free(held.live),
    );
  }

  protected made(rows: number, cols: number, handle: H): HeldTensor<H> {
    return this.scopes.enter(new HeldTensor(rows, cols, handle));
  }
  protected held(t: Tensor): HeldTensor<H> {
    if (!(t instanceof HeldTensor)) throw new TypeError('expected a tensor of this engine');
    return t;
  }
  #index(i: RowIndex, within: number, what: string): HeldIndex<I> {
    if (!(i instanceof HeldIndex)) throw new TypeError('expected a row index of this engine');
    fit(i.largest < within, `${what}: index ${i.largest} is beyond ${within}`);
    return i;
  }

  tensor(rows: number, cols: number, data: Float32Array): Tensor {
    fit(data.length === rows * cols, `tensor: ${rows} x ${cols} wants ${rows * cols} values, found ${data.length}`);
    return this.made(rows, cols, this.kernels.tensor(rows, cols, data));
  }
  zeros(rows: number, cols: number): Tensor {
    return this.full(rows, cols, 0);
  }
  full(rows: number, cols: number, value: number): Tensor {
    return this.made(rows, cols, this.kernels.full(rows, cols, value));
  }
  randomUniform(rows: number, cols: number, seed: number): Tensor {
    return this.tensor(rows, cols, uniformDraws(rows * cols, seed));
  }
  randomNormal(rows: number, cols: number, seed: number): Tensor {
    return this.tensor(rows, cols, normalDraws(rows * cols, seed));
  }
  rowIndex(rows: Int32Array): RowIndex {
    return this.scopes.enter(new HeldIndex(rows, this.kernels.rowIndex(rows)));
  }

  read(t: Tensor): Promise<Float32Array> {
    return this.kernels.read(this.held(t));
  }
  dispose(...handles: (Tensor | RowIndex | undefined)[]): void {
    for (const held of handles) if (held instanceof HeldTensor || held instanceof HeldIndex) this.scopes.dispose(held);
  }
  tidy<T>(fn: () => T): T {
    return this.scopes.tidy(fn);
  }
  keep<T extends Tensor | RowIndex>(t: T): T {
    if (!(t instanceof HeldTensor) && !(t instanceof HeldIndex))
      throw new TypeError('expected a tensor of this engine');
    t.kept = true;
    return t;
  }
  liveTensors(): number {
    return this.scopes.live;
  }

  matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
    const inner = transposeA ? a.rows : a.cols;
    fit(inner === (transposeB ? b.cols : b.rows), 'matmul: inner dimensions differ', a, b);
    const handle = this.kernels.matmul(this.held(a), this.held(b), transposeA, transposeB);
    return this.made(transposeA ? a.cols : a.rows, transposeB ? b.rows : b.cols, handle);
  }
  affine(x: Tensor, weights: Tensor, bias?: Tensor): Tensor {
    this.#checkAffine(x, weights, bias);
    const handle = this.kernels.affine(this.held(x), this.held(weights), bias && this.held(bias));
    return this.made(x.rows, weights.rows, handle);
  }
  unary(op: UnaryOp, x: Tensor): Tensor {
    return this.#like(x, this.kernels.unary(op, this.held(x)));
  }
  binary(op: BinaryOp, a: Tensor, b: Tensor): Tensor {
    const rows = a.rows === 1 ? b.rows : a.rows;
    const cols = a.cols === 1 ? b.cols : a.cols;
    fit((b.rows === rows || b.rows === 1) && (b.cols === cols || b.cols === 1), `${op}: shapes differ`, a, b);
    return this.made(rows, cols, this.kernels.binary(op, this.held(a), this.held(b)));
  }
  scale(x: Tensor, scale: number, offset = 0): Tensor {
    return this.#like(x, this.kernels.scale(this.held(x), scale, offset));
  }
  addScaled(a: Tensor, b: Tensor, scale: number): Tensor {
    fit(same(a, b), 'addScaled: shapes differ', a, b);
    return this.#like(a, this.kernels.addScaled(this.held(a), this.held(b), scale));
  }
  intoAddScaled(a: Tensor, b: Tensor, scale: number): Tensor {
    fit(same(a, b), 'intoAddScaled: shapes differ', a, b);
    const into = this.held(a);
    const handle = this.kernels.intoAddScaled(into, this.held(b), scale);
    return this.scopes.inherit(into, new HeldTensor(a.rows, a.cols, handle));
  }
  map(
    program: ElementwiseProgram,
    inputs: readonly Tensor[],
    { parameters = [], consume = [], beside = 0 }: MapOptions = {},
  ): Tensor[] {
    const { held, rows, cols } = this.#checkMap(program, inputs, parameters);
    const whole = { rows, cols };
    for (const i of consume)
      if (i >= 0 && !same(inputs[i]!, whole)) fit(false, 'map: only a whole matrix is consumed', inputs[i]!);
    const into: number[] = [];
    let apart = beside <= program.outputs;
    for (let o = 0; o < program.outputs; o++) {
      into.push(consume[o] ?? -1);
      if (o < beside && into[o]! >= 0) apart = false;
    }
    if (!apart) fit(false, `map: ${beside} outputs side by side`);
    const handles = this.kernels.map
      ? this.kernels.map(program, held, parameters, into, rows, cols, beside)
      : interpretedMap(this, program, inputs, parameters, whole, beside).map((x) => this.scopes.release(this.held(x)));
    const from = into.slice(Math.max(0, beside - 1));
    return handles.map((handle, o) => {
      const consumed = from[o]! >= 0 ? held[from[o]!]! : undefined;
      const made = new HeldTensor(rows, o === 0 && beside > 0 ? cols * beside : cols, handle);
      return consumed ? this.scopes.inherit(consumed, made) : this.scopes.enter(made);
    });
  }
  mapSums(program: ElementwiseProgram, inputs: readonly Tensor[], parameters: readonly number[] = []): Tensor[] {
    const { held, rows, cols } = this.#checkMap(program, inputs, parameters);
    if (!this.kernels.mapSums)
      return this.tidy(() => this.map(program, inputs, { parameters }).map((x) => this.sumRows(x)));
    return this.kernels.mapSums(program, held, parameters, rows, cols).map((handle) => this.made(1, cols, handle));
  }
  #checkMap(
    program: ElementwiseProgram,
    inputs: readonly Tensor[],
    parameters: readonly number[],
  ): { held: HeldTensor<H>[]; rows: number; cols: number } {
    // Recurrences come here thousands of times a pass: plain loops, and messages only where they are wanted.
    let [rows, cols] = [1, 1];
    for (const x of inputs) {
      if (x.rows !== 1) rows = x.rows;
      if (x.cols !== 1) cols = x.cols;
    }
    let fits = inputs.length === program.inputs;
    for (const x of inputs) if ((x.rows !== rows && x.rows !== 1) || (x.cols !== cols && x.cols !== 1)) fits = false;
    if (!fits) fit(false, `map: ${program.inputs} matrices of one shape wanted`, ...inputs);
    if (parameters.length !== program.parameters) fit(false, `map: ${program.parameters} parameters wanted`);
    return { held: inputs.map((x) => this.held(x)), rows, cols };
  }
  affineRelu(x: Tensor, weights: Tensor, bias?: Tensor): Tensor {
    if (!this.kernels.affineRelu) return this.tidy(() => this.unary('relu', this.affine(x, weights, bias)));
    this.#checkAffine(x, weights, bias);
    const handle = this.kernels.affineRelu(this.held(x), this.held(weights), bias && this.held(bias));
    return this.made(x.rows, weights.rows, handle);
  }
  intoAddMatmul(sum: Tensor, a: Tensor, b: Tensor, options: MatmulOptions & { scale?: number } = {}): Tensor {
    const { transposeA = false, transposeB = false, scale = 1 } = options;
    const [inner, other] = [transposeA ? a.rows : a.cols, transposeB ? b.cols : b.rows];
    const [rows, cols] = [transposeA ? a.cols : a.rows, transposeB ? b.rows : b.cols];
    fit(inner === other && same(sum, { rows, cols }), 'intoAddMatmul: shapes differ', sum, a, b);
    if (!this.kernels.intoAddMatmul) {
      const product = this.matmul(a, b, { transposeA, transposeB });
      const result = this.intoAddScaled(sum, product, scale);
      this.dispose(product);
      return result;
    }
    const into = this.held(sum);
    const handle = this.kernels.intoAddMatmul(into, this.held(a), this.held(b), transposeA, transposeB, scale);
    return this.scopes.inherit(into, new HeldTensor(sum.rows, sum.cols, handle));
  }
  intoMomentum(
    value: Tensor,
    velocity: Tensor,
    a: Tensor,
    b: Tensor,
    { momentum, scale, rate }: { readonly momentum: number; readonly scale: number; readonly rate: number },
  ): { readonly value: Tensor; readonly velocity: Tensor } {
    const fits = a.rows === b.rows && a.rows > 0 && a.cols === value.rows && b.cols === value.cols;
    fit(fits && same(value, velocity), 'intoMomentum: shapes differ', value, velocity, a, b);
    const [old, before] = [this.held(value), this.held(velocity)];
    const handles = this.kernels.intoMomentum?.(old, before, this.held(a), this.held(b), momentum, scale, rate);
    if (!handles) {
      const kept = this.map(scaled, [velocity], { parameters: [momentum], consume: [0] })[0]!;
      const next = this.intoAddMatmul(kept, a, b, { transposeA: true, scale });
      return { value: this.intoAddScaled(value, next, rate), velocity: next };
    }
    const [moved, next] = handles.map((handle) => new HeldTensor(value.rows, value.cols, handle));
    return { value: this.scopes.inherit(old, moved!), velocity: this.scopes.inherit(before, next!) };
  }
  intoAddRows(sum: Tensor, x: Tensor, first: number, scale = 1): Tensor {
    const after = sum.rows - first - x.rows;
    fit(first >= 0 && after >= 0 && x.cols === sum.cols, `intoAddRows: ${x.rows} rows from ${first}`, sum, x);
    if (!this.kernels.intoAddRows) {
      const whole = this.tidy(() => {
        const zeros = (rows: number): Tensor[] => (rows > 0 ? [this.zeros(rows, x.cols)] : []);
        return this.concatRows([...zeros(first), x, ...zeros(after)]);
      });
      const result = this.intoAddScaled(sum, whole, scale);
      this.dispose(whole);
      return result;
    }
    const into = this.held(sum);
    const handle = this.kernels.intoAddRows(into, this.held(x), first, scale);
    return this.scopes.inherit(into, new HeldTensor(sum.rows, sum.cols, handle));
  }
  affinePatches(
    x: Tensor,
    patches: RowIndex,
    perRow: number,
    weights: Tensor,
    bias?: Tensor,
    { relu = false }: { readonly relu?: boolean } = {},
  ): Tensor {
    const held = this.#index(patches, x.rows, 'affinePatches');
    const rows = patches.length / perRow;
    fit(Number.isInteger(rows) && rows > 0, `affinePatches: ${patches.length} indexes, ${perRow} a row`, x);
    fit(weights.cols === perRow * x.cols, 'affinePatches: patches and weights differ in columns', x, weights);
    if (bias) fit(bias.rows === 1 && bias.cols === weights.rows, 'affinePatches: bias does not fit', weights, bias);
    const given = bias && this.held(bias);
    const handle = this.kernels.affinePatches?.(this.held(x), held, perRow, this.held(weights), given, relu);
    if (handle !== undefined) return this.made(rows, weights.rows, handle);
    return this.tidy(() => {
      const whole = this.#patches(x, patches, perRow);
      return relu ? this.affineRelu(whole, weights, bias) : this.affine(whole, weights, bias);
    });
  }
  matmulPatches(dy: Tensor, x: Tensor, patches: RowIndex, perRow: number): Tensor {
    const held = this.#index(patches, x.rows, 'matmulPatches');
    const fits = dy.rows * perRow === patches.length && dy.rows > 0;
    fit(fits, `matmulPatches: ${patches.length} indexes, ${perRow} a row`, dy, x);
    const handle = this.kernels.matmulPatches?.(this.held(dy), this.held(x), held, perRow);
    if (handle !== undefined) return this.made(dy.cols, perRow * x.cols, handle);
    return this.tidy(() => this.matmul(dy, this.#patches(x, patches, perRow), { transposeA: true }));
  }
  #patches(x: Tensor, patches: RowIndex, perRow: number): Tensor {
    return this.reshape(this.gatherRows(x, patches), patches.length / perRow, perRow * x.cols);
  }
  clamp(x: Tensor, low: number, high: number): Tensor {
    return this.#like(x, this.kernels.clamp(this.held(x), low, high));
  }
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
    fit(same(condition, a) && same(a, b), 'where: shapes differ', condition, a, b);
    return this.#like(a, this.kernels.where(this.held(condition), this.held(a), this.held(b)));
  }

  reluGrad(y: Tensor, dy: Tensor): Tensor {
    return this.#grad('reluGrad', y, dy);
  }
  sigmoidGrad(y: Tensor, dy: Tensor): Tensor {
    return this.#grad('sigmoidGrad', y, dy);
  }
  tanhGrad(y: Tensor, dy: Tensor): Tensor {
    return this.#grad('tanhGrad', y, dy);
  }
  softmax(x: Tensor): Tensor {
    return this.#like(x, this.kernels.softmax(this.held(x)));
  }
  logSoftmax(x: Tensor): Tensor {
    return this.#like(x, this.kernels.logSoftmax(this.held(x)));
  }
  logSoftmaxGrad(y: Tensor, dy: Tensor): Tensor {
    return this.#grad('logSoftmaxGrad', y, dy);
  }

  sumRows(x: Tensor): Tensor {
    return this.made(1, x.cols, this.kernels.sumRows(this.held(x)));
  }
  sumCols(x: Tensor): Tensor {
    return this.made(x.rows, 1, this.kernels.sumCols(this.held(x)));
  }
  sumAll(x: Tensor): Tensor {
    return this.made(1, 1, this.kernels.sumAll(this.held(x)));
  }
  dotRows(a: Tensor, b: Tensor): Tensor {
    fit(same(a, b), 'dotRows: shapes differ', a, b);
    if (!this.kernels.dotRows) return this.tidy(() => this.sumRows(this.binary('mul', a, b)));
    return this.made(1, a.cols, this.kernels.dotRows(this.held(a), this.held(b)));
  }
  dotCols(a: Tensor, b: Tensor): Tensor {
    fit(same(a, b), 'dotCols: shapes differ', a, b);
    if (!this.kernels.dotCols) return this.tidy(() => this.sumCols(this.binary('mul', a, b)));
    return this.made(a.rows, 1, this.kernels.dotCols(this.held(a), this.held(b)));
  }
  sumSquares(x: Tensor): Tensor {
    if (!this.kernels.sumSquares) return this.tidy(() => this.sumAll(this.unary('square', x)));
    return this.made(1, 1, this.kernels.sumSquares(this.held(x)));
  }
  maxCols(x: Tensor): Tensor {
    return this.made(x.rows, 1, this.kernels.maxCols(this.held(x)));
  }
  argMaxCols(x: Tensor): Tensor {
    return this.made(x.rows, 1, this.kernels.argMaxCols(this.held(x)));
  }

  sliceRows(x: Tensor, start: number, count: number): Tensor {
    fit(start >= 0 && count >= 0 && start + count <= x.rows, `sliceRows: ${count} rows from ${start}`, x);
    return this.made(count, x.cols, this.kernels.sliceRows(this.held(x), start, count));
  }
  sliceCols(x: Tensor, start: number, count: number): Tensor {
    fit(start >= 0 && count >= 0 && start + count <= x.cols, `sliceCols: ${count} columns from ${start}`, x);
    return this.made(x.rows, count, this.kernels.sliceCols(this.held(x), start, count));
  }
  strideRows(x: Tensor, start: number, stride: number, count: number): Tensor {
    const ok = start >= 0 && stride >= 1 && count >= 1 && start + stride * (count - 1) < x.rows;
    fit(ok, `strideRows: ${count} rows from ${start} by ${stride}`, x);
    return this.made(count, x.cols, this.kernels.strideRows(this.held(x), start, stride, count));
  }
  concatRows(xs: readonly Tensor[]): Tensor {
    const cols = xs[0]?.cols ?? 0;
    fit(xs.length > 0 && xs.every((x) => x.cols === cols), 'concatRows: columns differ', ...xs);
    const rows = xs.reduce((n, x) => n + x.rows, 0);
    return this.made(rows, cols, this.kernels.concatRows(xs.map((x) => this.held(x))));
  }
  concatCols(xs: readonly Tensor[]): Tensor {
    const rows = xs[0]?.rows ?? 0;
    fit(xs.length > 0 && xs.every((x) => x.rows === rows), 'concatCols: rows differ', ...xs);
    const cols = xs.reduce((n, x) => n + x.cols, 0);
    return this.made(rows, cols, this.kernels.concatCols(xs.map((x) => this.held(x))));
  }
  reshape(x: Tensor, rows: number, cols: number): Tensor {
    fit(rows * cols === x.rows * x.cols, `reshape: not ${rows} x ${cols}`, x);
    return this.made(rows, cols, this.kernels.reshape(this.held(x), rows, cols));
  }
  transpose(x: Tensor): Tensor {
    return this.made(x.cols, x.rows, this.kernels.transpose(this.held(x)));
  }
  gatherRows(x: Tensor, index: RowIndex): Tensor {
    const held = this.#index(index, x.rows, 'gatherRows');
    return this.made(index.length, x.cols, this.kernels.gatherRows(this.held(x), held));
  }
  scatterAddRows(x: Tensor, index: RowIndex, rows: number): Tensor {
    fit(index.length === x.rows, `scatterAddRows: ${index.length} indexes`, x);
    const held = this.#index(index, rows, 'scatterAddRows');
    return this.made(rows, x.cols, this.kernels.scatterAddRows(this.held(x), held, rows));
  }
  pickCols(x: Tensor, column: RowIndex): Tensor {
    fit(column.length === x.rows, `pickCols: ${column.length} columns`, x);
    const held = this.#index(column, x.cols, 'pickCols');
    return this.made(x.rows, 1, this.kernels.pickCols(this.held(x), held));
  }
  spreadCols(values: Tensor, column: RowIndex, cols: number): Tensor {
    fit(values.cols === 1 && column.length === values.rows, `spreadCols: ${column.length} columns`, values);
    const held = this.#index(column, cols, 'spreadCols');
    return this.made(values.rows, cols, this.kernels.spreadCols(this.held(values), held, cols));
  }

  #checkAffine(x: Tensor, weights: Tensor, bias: Tensor | undefined): void {
    fit(x.cols === weights.cols, 'affine: input and weights differ in columns', x, weights);
    if (bias) fit(bias.rows === 1 && bias.cols === weights.rows, 'affine: bias does not fit', weights, bias);
  }
  #like(x: Tensor, handle: H): Tensor {
    return this.made(x.rows, x.cols, handle);
  }
  #grad(op: 'reluGrad' | 'sigmoidGrad' | 'tanhGrad' | 'logSoftmaxGrad', y: Tensor, dy: Tensor): Tensor {
    fit(same(y, dy), `${op}: shapes differ`, y, dy);
    return this.#like(y, this.kernels[op](this.held(y), this.held(dy)));
  }
}
