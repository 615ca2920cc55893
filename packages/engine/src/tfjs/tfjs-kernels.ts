import type * as tfjs from '@tensorflow/tfjs-core';
import type { BinaryOp, UnaryOp } from '../engine.js';
import type { HeldIndex, HeldTensor } from '../handles.js';
import type { Kernels } from '../kernels.js';
import { TfjsIndex } from './tfjs-index.js';

export type Tf = typeof tfjs;
type H = tfjs.Tensor2D;
type T = HeldTensor<H>;
type I = HeldIndex<TfjsIndex>;

/**
 * The kernels on tfjs-core's own operations. Several backends may live in one process, and tfjs has one current
 * backend, so every operation makes its own current first.
 */
export class TfjsKernels implements Kernels<H, TfjsIndex> {
  readonly name: string;
  readonly version: string;
  readonly precision = 'float32';
  readonly #tf: Tf;
  readonly #backend: string;
  /** Not on WebGPU, whose memory cannot be mapped at once. */
  readonly readSync?: (x: T) => Float32Array;

  constructor(
    tf: Tf,
    backend: string,
    readonly threads: number,
  ) {
    this.#tf = tf;
    this.#backend = backend;
    this.name = `tfjs-${backend}`;
    this.version = tf.version_core;
    if (backend !== 'webgpu') this.readSync = (x) => x.live.dataSync().slice() as Float32Array;
  }

  /** Runs `fn` on this engine's backend and frees what it made in between. */
  #run(fn: (tf: Tf) => tfjs.Tensor): H {
    const tf = this.#tf;
    // Takes effect at once for a backend that is already initialised; the promise says nothing more.
    if (tf.getBackend() !== this.#backend) void tf.setBackend(this.#backend);
    return tf.tidy(() => tf.keep(fn(tf))) as H;
  }

  tensor(rows: number, cols: number, data: Float32Array): H {
    return this.#run((tf) => tf.tensor2d(data.slice(), [rows, cols]));
  }
  full(rows: number, cols: number, value: number): H {
    return this.tensor(rows, cols, new Float32Array(rows * cols).fill(value));
  }
  rowIndex(rows: Int32Array): TfjsIndex {
    return new TfjsIndex(rows.slice());
  }
  async read(x: T): Promise<Float32Array> {
    return (await x.live.data()).slice() as Float32Array;
  }
  free(handle: H): void {
    handle.dispose();
  }
  freeIndex(index: TfjsIndex): void {
    index.free();
  }

  matmul(a: T, b: T, transposeA: boolean, transposeB: boolean): H {
    // The WebAssembly kernel is fast (XNNPACK) only where nothing is to be transposed.
    const turn = (tf: Tf, x: T, yes: boolean): H => (yes ? tf.transpose(x.live) : x.live);
    if (this.#backend === 'wasm') return this.#run((tf) => tf.matMul(turn(tf, a, transposeA), turn(tf, b, transposeB)));
    return this.#run((tf) => tf.matMul(a.live, b.live, transposeA, transposeB));
  }
  affine(x: T, weights: T, bias: T | undefined): H {
    return this.#run((tf) => {
      const wasm = this.#backend === 'wasm';
      const w = wasm ? tf.transpose(weights.live) : weights.live;
      const product = tf.matMul(x.live, w, false, !wasm);
      return bias ? tf.add(product, bias.live) : product;
    });
  }
  unary(op: UnaryOp, x: T): H {
    return this.#run((tf) => tf[op](x.live));
  }
  binary(op: BinaryOp, a: T, b: T): H {
    const name = op === 'max' ? 'maximum' : op === 'min' ? 'minimum' : op;
    return this.#run((tf) => tf.cast(tf[name](a.live, b.live), 'float32'));
  }
  scale(x: T, scale: number, offset: number): H {
    return this.#run((tf) => {
      const scaled = tf.mul(x.live, scale);
      return offset === 0 ? scaled : tf.add(scaled, offset);
    });
  }
  addScaled(a: T, b: T, scale: number): H {
    return this.#run((tf) => tf.add(a.live, scale === 1 ? b.live : tf.mul(b.live, scale)));
  }
  intoAddScaled(a: T, b: T, scale: number): H {
    return this.addScaled(a, b, scale);
  }
  clamp(x: T, low: number, high: number): H {
    return this.#run((tf) => tf.clipByValue(x.live, low, high));
  }
  where(condition: T, a: T, b: T): H {
    return this.#run((tf) => tf.where(tf.notEqual(condition.live, 0), a.live, b.live));
  }

  reluGrad(y: T, dy: T): H {
    return this.#run((tf) => tf.mul(dy.live, tf.cast(tf.greater(y.live, 0), 'float32')));
  }
  sigmoidGrad(y: T, dy: T): H {
    return this.#run((tf) => tf.mul(dy.live, tf.mul(y.live, tf.sub(1, y.live))));
  }
  tanhGrad(y: T, dy: T): H {
    return this.#run((tf) => tf.mul(dy.live, tf.sub(1, tf.square(y.live))));
  }
  softmax(x: T): H {
    return this.#run((tf) => tf.softmax(x.live));
  }
  logSoftmax(x: T): H {
    return this.#run((tf) => tf.logSoftmax(x.live));
  }
  logSoftmaxGrad(y: T, dy: T): H {
    return this.#run((tf) => tf.sub(dy.live, tf.mul(tf.exp(y.live), tf.sum(dy.live, 1, true))));
  }

  sumRows(x: T): H {
    return this.#run((tf) => tf.sum(x.live, 0, true));
  }
  sumCols(x: T): H {
    return this.#run((tf) => tf.sum(x.live, 1, true));
  }
  sumAll(x: T): H {
    return this.#run((tf) => tf.reshape(tf.sum(x.live), [1, 1]));
  }
  maxCols(x: T): H {
    return this.#run((tf) => tf.max(x.live, 1, true));
  }
  argMaxCols(x: T): H {
    return this.#run((tf) => tf.reshape(tf.cast(tf.argMax(x.live, 1), 'float32'), [x.rows, 1]));
  }

  sliceRows(x: T, start: number, count: number): H {
    return this.#run((tf) => tf.slice(x.live, [start, 0], [count, x.cols]));
  }
  sliceCols(x: T, start: number, count: number): H {
    return this.#run((tf) => tf.slice(x.live, [0, start], [x.rows, count]));
  }
  strideRows(x: T, start: number, stride: number, count: number): H {
    const end = start + stride * (count - 1) + 1;
    return this.#run((tf) => tf.stridedSlice(x.live, [start, 0], [end, x.cols], [stride, 1]));
  }
  concatRows(xs: readonly T[]): H {
    return this.#concat(xs, 0);
  }
  concatCols(xs: readonly T[]): H {
    return this.#concat(xs, 1);
  }
  reshape(x: T, rows: number, cols: number): H {
    // Not a view on WebAssembly: its products keep the right side packed by the memory alone, whatever its shape is.
    const wasm = this.#backend === 'wasm';
    return this.#run((tf) => tf.reshape(wasm ? tf.clone(x.live) : x.live, [rows, cols]));
  }
  transpose(x: T): H {
    return this.#run((tf) => tf.transpose(x.live));
  }
  gatherRows(x: T, index: I): H {
    return this.#run((tf) => {
      const { rows, mask } = index.live.gather(tf);
      const found = tf.gather(x.live, rows);
      return mask ? tf.mul(found, mask) : found;
    });
  }
  scatterAddRows(x: T, index: I, rows: number): H {
    return this.#run((tf) => {
      const { from, to } = index.live.scatter(tf);
      if (to.shape[0] === 0) return tf.zeros([rows, x.cols]);
      return tf.scatterND(to, from ? tf.gather(x.live, from) : x.live, [rows, x.cols]);
    });
  }
  pickCols(x: T, column: I): H {
    return this.#run((tf) => {
      const { cells, mask } = column.live.pick(tf);
      const picked = tf.reshape(tf.gatherND(x.live, cells), [x.rows, 1]);
      return mask ? tf.mul(picked, mask) : picked;
    });
  }
  spreadCols(values: T, column: I, cols: number): H {
    return this.#run((tf) => {
      const { cells, mask } = column.live.pick(tf);
      const shown = mask ? tf.mul(values.live, mask) : values.live;
      return tf.scatterND(cells, tf.reshape(shown, [values.rows]), [values.rows, cols]);
    });
  }

  #concat(xs: readonly T[], axis: number): H {
    // A lone operand would come back as itself, and two owners would free it.
    return this.#run((tf) =>
      xs.length === 1
        ? tf.clone(xs[0]!.live)
        : tf.concat(
            xs.map((x) => x.live),
            axis,
          ),
    );
  }
}
