import type * as tfjs from '@tensorflow/tfjs-core';

type Tf = typeof tfjs;

/** Row numbers with -1 for none, as the tensors that tfjs's gather and scatter want; each is made on first use. */
export class TfjsIndex {
  readonly #rows: Int32Array;
  readonly #some: boolean;
  readonly #made: tfjs.Tensor[] = [];
  #gather: { rows: tfjs.Tensor1D; mask: tfjs.Tensor2D | undefined } | undefined;
  #scatter: { from: tfjs.Tensor1D | undefined; to: tfjs.Tensor2D } | undefined;
  #pick: { cells: tfjs.Tensor2D; mask: tfjs.Tensor2D | undefined } | undefined;

  constructor(rows: Int32Array) {
    this.#rows = rows;
    this.#some = rows.some((row) => row < 0);
  }

  /** Rows to gather, and what to multiply by so that missing ones are zero. */
  gather(tf: Tf): { rows: tfjs.Tensor1D; mask: tfjs.Tensor2D | undefined } {
    return (this.#gather ??= {
      rows: this.#keep(
        tf,
        tf.tensor1d(
          this.#rows.map((row) => Math.max(row, 0)),
          'int32',
        ),
      ),
      mask: this.#mask(tf),
    });
  }

  /** The rows that go somewhere (undefined: all), and where each goes. */
  scatter(tf: Tf): { from: tfjs.Tensor1D | undefined; to: tfjs.Tensor2D } {
    if (this.#scatter) return this.#scatter;
    const to = this.#rows.filter((row) => row >= 0);
    const from = Int32Array.from(this.#rows.keys()).filter((i) => this.#rows[i]! >= 0);
    return (this.#scatter = {
      from: this.#some ? this.#keep(tf, tf.tensor1d(from, 'int32')) : undefined,
      to: this.#keep(tf, tf.tensor2d(to, [to.length, 1], 'int32')),
    });
  }

  /** The cells (i, rows[i]), and what to multiply by so that missing ones are zero. */
  pick(tf: Tf): { cells: tfjs.Tensor2D; mask: tfjs.Tensor2D | undefined } {
    if (this.#pick) return this.#pick;
    const cells = new Int32Array(2 * this.#rows.length);
    this.#rows.forEach((column, i) => {
      cells[2 * i] = i;
      cells[2 * i + 1] = Math.max(column, 0);
    });
    const tensor = tf.tensor2d(cells, [this.#rows.length, 2], 'int32');
    return (this.#pick = { cells: this.#keep(tf, tensor), mask: this.#mask(tf) });
  }

  free(): void {
    for (const tensor of this.#made) tensor.dispose();
    this.#made.length = 0;
    this.#gather = this.#scatter = this.#pick = undefined;
  }

  #mask(tf: Tf): tfjs.Tensor2D | undefined {
    if (!this.#some) return undefined;
    const mask = Float32Array.from(this.#rows, (row) => (row < 0 ? 0 : 1));
    return this.#keep(tf, tf.tensor2d(mask, [mask.length, 1]));
  }

  #keep<T extends tfjs.Tensor>(tf: Tf, tensor: T): T {
    this.#made.push(tf.keep(tensor));
    return tensor;
  }
}
