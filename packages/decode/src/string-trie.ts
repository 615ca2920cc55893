/** Strings of numbers, each kept once: a string is the number of its node in a trie, 0 the empty one. */
export class StringTrie {
  private readonly parent: number[] = [0];
  private readonly label: number[] = [0];
  private readonly length: number[] = [0];
  private readonly children = new Map<number, number>();

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
