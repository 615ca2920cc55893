import { hash } from './pair-table.js';

/**
 * Weighted subsets by number: lists of (state, residual string, residual cost) sorted by state. Two are the same
 * where states and strings are and no cost differs by more than `delta`.
 */
export class SubsetTable {
  first = new Int32Array(64);
  states = new Int32Array(256);
  strings = new Int32Array(256);
  weights = new Float32Array(256);
  private slots = new Int32Array(128).fill(-1);
  private hashes = new Int32Array(64);
  private count = 0;

  constructor(private readonly delta: number) {}

  get size(): number {
    return this.count;
  }

  /** Makes room for `length` elements behind the last subset and says where they go. */
  stage(length: number): number {
    const at = this.first[this.count]!;
    if (at + length > this.states.length) {
      const size = Math.max(2 * this.states.length, at + length);
      this.states = grown(this.states, size);
      this.strings = grown(this.strings, size);
      const weights = new Float32Array(size);
      weights.set(this.weights);
      this.weights = weights;
    }
    return at;
  }

  /** The number of the staged subset of `length` elements; `size` grows by one where it is new. */
  add(length: number): number {
    const { states, strings, first } = this;
    const at = first[this.count]!;
    let h = length;
    for (let i = at; i < at + length; i++) h = hash(h ^ states[i]!, strings[i]!);
    h |= 0;
    let slot = h & (this.slots.length - 1);
    for (let n = this.slots[slot]!; n >= 0; n = this.slots[slot]!) {
      if (this.hashes[n] === h && this.same(n, at, length)) return n;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    const n = this.count++;
    this.slots[slot] = n;
    if (this.count + 1 > first.length) {
      this.first = grown(first, 2 * first.length);
      this.hashes = grown(this.hashes, 2 * first.length);
    }
    this.hashes[n] = h;
    this.first[n + 1] = at + length;
    if (2 * this.count > this.slots.length) this.rehash();
    return n;
  }

  private same(n: number, at: number, length: number): boolean {
    const from = this.first[n]!;
    if (this.first[n + 1]! - from !== length) return false;
    const { states, strings, weights, delta } = this;
    for (let i = 0; i < length; i++) {
      if (states[from + i] !== states[at + i] || strings[from + i] !== strings[at + i]) return false;
      if (Math.abs(weights[from + i]! - weights[at + i]!) > delta) return false;
    }
    return true;
  }

  private rehash(): void {
    const mask = 2 * this.slots.length - 1;
    this.slots = new Int32Array(mask + 1).fill(-1);
    for (let n = 0; n < this.count; n++) {
      let slot = this.hashes[n]! & mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = n;
    }
  }
}

function grown(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size);
  to.set(from);
  return to;
}
