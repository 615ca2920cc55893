/** Strings of numbers, each kept once: a string is the number of its node in a trie, 0 the empty one. */
export class StringTrie {
  private parent: number[] = [0];
  private label: number[] = [0];
  private length: number[] = [0];
  private children = new Map<number, number>();

  /** The string followed by one label. */
  append(string: number, label: number): number {
    // Labels are below 2^31 and nodes below 2^22 in practice: exact in a double.
    const key = string * 2147483648 + label;
    let node = this.children.get(key);
    if (node === undefined) {
      node = this.parent.length;
      this.parent.push(string);
      this.label.push(label);
      this.length.push(this.length[string]! + 1);
      this.children.set(key, node);
    }
    return node;
  }

  /** How many strings there are. */
  get size(): number {
    return this.parent.length;
  }

  /**
   * Forgets all strings but these and what they begin with.
   *
   * @returns the new number of each string that is left, by its old one
   */
  keepOnly(strings: Iterable<number>): Int32Array {
    const { parent, label } = this;
    const renumbered = new Int32Array(parent.length).fill(-1);
    renumbered[0] = 0;
    for (const string of strings) for (let s = string; renumbered[s] === -1; s = parent[s]!) renumbered[s] = -2;
    this.parent = [0];
    this.label = [0];
    this.length = [0];
    this.children = new Map();
    // A string's beginning has a lower number than the string.
    for (let s = 1; s < parent.length; s++)
      if (renumbered[s] === -2) renumbered[s] = this.append(renumbered[parent[s]!]!, label[s]!);
    return renumbered;
  }

  lengthOf(string: number): number {
    return this.length[string]!;
  }

  /** The longest string that both begin with. */
  commonPrefix(a: number, b: number): number {
    while (this.length[a]! > this.length[b]!) a = this.parent[a]!;
    while (this.length[b]! > this.length[a]!) b = this.parent[b]!;
    while (a !== b) {
      a = this.parent[a]!;
      b = this.parent[b]!;
    }
    return a;
  }

  /** A string without its first `count` labels. */
  withoutPrefix(string: number, count: number): number {
    if (count === 0) return string;
    let rest = 0;
    for (const label of this.labels(string).subarray(count)) rest = this.append(rest, label);
    return rest;
  }

  labels(string: number): Int32Array {
    const labels = new Int32Array(this.length[string]!);
    for (let i = labels.length - 1, node = string; i >= 0; i--, node = this.parent[node]!)
      labels[i] = this.label[node]!;
    return labels;
  }
}
