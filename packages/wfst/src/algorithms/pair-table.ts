/**
 * Gives each pair of whole numbers an index of its own, from 0 in the order of asking. Open addressing over typed
 * arrays: a third of the memory and a multiple of the speed of a Map with string keys.
 */
export class PairTable {
  private slots: Int32Array;
  private mask: number;
  private left: Int32Array;
  private right: Int32Array;
  private count = 0;

  constructor(capacity: number = 64) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * capacity)));
    this.slots = new Int32Array(size).fill(-1);
    this.mask = size - 1;
    this.left = new Int32Array(size >> 1);
    this.right = new Int32Array(size >> 1);
  }

  get size(): number {
    return this.count;
  }

  first(index: number): number {
    return this.left[index]!;
  }

  second(index: number): number {
    return this.right[index]!;
  }

  /** The pair's index; `size` grows by one where it is new. */
  add(a: number, b: number): number {
    let slot = hash(a, b) & this.mask;
    for (let i = this.slots[slot]!; i >= 0; i = this.slots[slot]!) {
      if (this.left[i] === a && this.right[i] === b) return i;
      slot = (slot + 1) & this.mask;
    }
    if (this.count === this.left.length) {
      this.grow();
      return this.add(a, b);
    }
    const index = this.count++;
    this.slots[slot] = index;
    this.left[index] = a;
    this.right[index] = b;
    return index;
  }

  /** The pair's index, or -1. */
  find(a: number, b: number): number {
    let slot = hash(a, b) & this.mask;
    for (let i = this.slots[slot]!; i >= 0; i = this.slots[slot]!) {
      if (this.left[i] === a && this.right[i] === b) return i;
      slot = (slot + 1) & this.mask;
    }
    return -1;
  }

  private grow(): void {
    const size = 2 * this.slots.length;
    const left = new Int32Array(size >> 1);
    const right = new Int32Array(size >> 1);
    left.set(this.left);
    right.set(this.right);
    this.left = left;
    this.right = right;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    for (let i = 0; i < this.count; i++) {
      let slot = hash(left[i]!, right[i]!) & this.mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = i;
    }
  }
}

/** Mixes two 32-bit numbers (after the finaliser of MurmurHash3). */
export function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
