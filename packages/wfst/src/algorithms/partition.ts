/** A partition of the numbers 0 to n - 1 into sets that can be split by marking elements. */
export class Partition {
  /** The elements, set by set. */
  readonly elements: Int32Array;
  /** Where each set begins and ends in `elements`. */
  readonly begin: Int32Array;
  readonly end: Int32Array;
  readonly setOf: Int32Array;
  sets: number;
  private readonly place: Int32Array;
  private readonly marked: Int32Array;
  private readonly touched: number[] = [];

  /** @param keys elements with equal keys start in the same set; keys are 0 to `count - 1`, each in use */
  constructor(keys: Int32Array, count: number) {
    const n = keys.length;
    this.elements = new Int32Array(n);
    this.begin = new Int32Array(n + 1);
    this.end = new Int32Array(n + 1);
    this.setOf = keys.slice();
    this.place = new Int32Array(n);
    this.marked = new Int32Array(n + 1);
    this.sets = count;
    for (let i = 0; i < n; i++) this.end[keys[i]!]!++;
    for (let k = 0, sum = 0; k < count; k++) {
      this.begin[k] = sum;
      sum += this.end[k]!;
      this.end[k] = this.begin[k]!;
    }
    for (let i = 0; i < n; i++) {
      const at = this.end[keys[i]!]!++;
      this.elements[at] = i;
      this.place[i] = at;
    }
  }

  /** Marks an element that is not marked yet. */
  mark(element: number): void {
    const set = this.setOf[element]!;
    const at = this.place[element]!;
    const to = this.begin[set]! + this.marked[set]!;
    if (this.marked[set] === 0) this.touched.push(set);
    this.marked[set]!++;
    const other = this.elements[to]!;
    this.elements[to] = element;
    this.elements[at] = other;
    this.place[element] = to;
    this.place[other] = at;
  }

  /** Splits each set that is partly marked; the smaller part becomes a new set. */
  split(): void {
    for (const set of this.touched) {
      const middle = this.begin[set]! + this.marked[set]!;
      const marked = this.marked[set]!;
      this.marked[set] = 0;
      if (middle === this.end[set]) continue;
      const fresh = this.sets++;
      if (marked <= this.end[set]! - middle) {
        this.begin[fresh] = this.begin[set]!;
        this.end[fresh] = this.begin[set] = middle;
      } else {
        this.end[fresh] = this.end[set]!;
        this.begin[fresh] = this.end[set] = middle;
      }
      for (let i = this.begin[fresh]!; i < this.end[fresh]!; i++) this.setOf[this.elements[i]!] = fresh;
    }
    this.touched.length = 0;
  }
}
