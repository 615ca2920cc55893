import { PairTable } from './pair-table.js';

/** The empty string's number. */
export const EMPTY = 0;

/**
 * Label strings by number, each kept once as its prefix and its last label, so that equal strings have equal
 * numbers (Kaldi's StringRepository, with sharing).
 */
export class StringTable {
  private readonly nodes = new PairTable();
  private depth = new Int32Array(1024);

  /** The number of a string with one more label. */
  append(string: number, label: number): number {
    const known = this.nodes.size;
    const id = this.nodes.add(string, label) + 1;
    if (id > known) {
      if (id >= this.depth.length) {
        const grown = new Int32Array(2 * this.depth.length);
        grown.set(this.depth);
        this.depth = grown;
      }
      this.depth[id] = this.depth[string]! + 1;
    }
    return id;
  }

  length(string: number): number {
    return this.depth[string]!;
  }

  private parent(string: number): number {
    return this.nodes.first(string - 1);
  }

  /** The longest string that both begin with. */
  commonPrefix(a: number, b: number): number {
    while (this.depth[a]! > this.depth[b]!) a = this.parent(a);
    while (this.depth[b]! > this.depth[a]!) b = this.parent(b);
    while (a !== b) {
      a = this.parent(a);
      b = this.parent(b);
    }
    return a;
  }

  /** What is left of a string without its first `count` labels. */
  dropFirst(string: number, count: number): number {
    if (count === 0) return string;
    if (this.depth[string]! <= count) return EMPTY;
    return this.append(this.dropFirst(this.parent(string), count), this.nodes.second(string - 1));
  }

  /** A string's labels, first to last. */
  labels(string: number): Int32Array {
    const labels = new Int32Array(this.depth[string]!);
    for (let i = labels.length - 1; i >= 0; i--) {
      labels[i] = this.nodes.second(string - 1);
      string = this.parent(string);
    }
    return labels;
  }
}
