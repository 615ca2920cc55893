import type { Engine, Tensor } from '../engine.js';
import { type Plain, plain } from './reference.js';

/** What a case of the suite works with: an engine, and matrices that are on it and in plain JavaScript. */
export class Check {
  readonly #drawn = new Map<Tensor, Plain>();
  #seed = 1;
  constructor(readonly engine: Engine) {}

  /** A matrix of numbers from [low, high), the same for each call in the same order. */
  draw(rows: number, cols: number, low = -1, high = 1): Tensor {
    const next = (): number => {
      this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
      return Math.fround(low + ((high - low) * this.#seed) / 2 ** 32);
    };
    const values = plain(rows, cols, next);
    const tensor = this.engine.tensor(rows, cols, Float32Array.from(values.data));
    this.#drawn.set(tensor, values);
    return tensor;
  }

  /** The plain form of a matrix that `draw` gave. */
  plain(t: Tensor): Plain {
    const values = this.#drawn.get(t);
    if (!values) throw new Error('only drawn matrices have a plain form');
    return values;
  }

  /** @throws Error unless the shapes are the same and each element is within `tolerance` * max(1, |wanted|) */
  async same(got: Tensor, want: Plain, tolerance = 2e-5): Promise<void> {
    if (got.rows !== want.rows || got.cols !== want.cols)
      throw new Error(`expected ${want.rows} x ${want.cols}, found ${got.rows} x ${got.cols}`);
    const data = await this.engine.read(got);
    if (data.length !== want.data.length) throw new Error(`expected ${want.data.length} values, read ${data.length}`);
    data.forEach((value, i) => {
      const wanted = want.data[i]!;
      if (Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted))) return;
      throw new Error(`row ${Math.floor(i / want.cols)}, column ${i % want.cols}: expected ${wanted}, found ${value}`);
    });
  }

  /** @throws Error unless `fn` throws an error with this code */
  refuses(code: string, fn: () => unknown): void {
    try {
      fn();
    } catch (error) {
      if ((error as { code?: string }).code === code) return;
      throw error;
    }
    throw new Error(`expected an error with code ${code}`);
  }
}

/** One named clause of the suite. */
export type Case = (check: Check) => Promise<void>;
