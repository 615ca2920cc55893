interface StateClass {
  size: number;
  /** States that were marked since the last split. */
  marked: number;
  /** First of the unmarked states, and of the marked ones; -1 for none. */
  first: number;
  firstMarked: number;
}

/**
 * Classes of states as linked lists, split by marking states: what is smaller of marked and unmarked states becomes a
 * class of its own. Lists keep the order that OpenFst's Partition has, on which it depends which state of a class stays.
 */
export class StatePartition {
  readonly classOf: Int32Array;
  private readonly classes: StateClass[] = [];
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly isMarked: Uint8Array;
  private visited: number[] = [];

  /** @param classOf the class of each state at first */
  constructor(classOf: readonly number[], count: number) {
    const states = classOf.length;
    this.classOf = Int32Array.from(classOf);
    this.next = new Int32Array(states);
    this.previous = new Int32Array(states);
    this.isMarked = new Uint8Array(states);
    for (let c = 0; c < count; c++) this.add();
    classOf.forEach((c, s) => {
      this.classes[c]!.first = this.link(s, this.classes[c]!.first);
      this.classes[c]!.size++;
    });
  }

  get count(): number {
    return this.classes.length;
  }

  size(c: number): number {
    return this.classes[c]!.size;
  }

  /** The states of a class. */
  *members(c: number): Generator<number> {
    for (let s = this.classes[c]!.first; s >= 0; s = this.next[s]!) yield s;
  }

  mark(s: number): void {
    if (this.isMarked[s]) return;
    const c = this.classOf[s]!;
    const found = this.classes[c]!;
    const { next, previous } = this;
    if (previous[s]! >= 0) next[previous[s]!] = next[s]!;
    else found.first = next[s]!;
    if (next[s]! >= 0) previous[next[s]!] = previous[s]!;
    if (found.marked++ === 0) this.visited.push(c);
    found.firstMarked = this.link(s, found.firstMarked);
    this.isMarked[s] = 1;
  }

  /** Splits the classes that have marked states, and unmarks all; the new classes. */
  split(): number[] {
    const made: number[] = [];
    for (const c of this.visited) {
      const old = this.classes[c]!;
      for (let s = old.firstMarked; s >= 0; s = this.next[s]!) this.isMarked[s] = 0;
      const { first, firstMarked, size, marked } = old;
      const unmarked = size - marked;
      // All were marked: the class stays as it is, its list in another order.
      if (unmarked === 0) {
        Object.assign(old, { marked: 0, first: firstMarked, firstMarked: -1 });
        continue;
      }
      const markedStay = unmarked < marked;
      const created = this.add();
      const smaller = this.classes[created]!;
      Object.assign(smaller, markedStay ? { first, size: unmarked } : { first: firstMarked, size: marked });
      Object.assign(old, markedStay ? { first: firstMarked, size: marked } : { first, size: unmarked });
      Object.assign(old, { marked: 0, firstMarked: -1 });
      for (const s of this.members(created)) this.classOf[s] = created;
      made.push(created);
    }
    this.visited = [];
    return made;
  }

  private add(): number {
    return this.classes.push({ size: 0, marked: 0, first: -1, firstMarked: -1 }) - 1;
  }

  /** Puts a state before the first of a list. */
  private link(s: number, first: number): number {
    if (first >= 0) this.previous[first] = s;
    this.next[s] = first;
    this.previous[s] = -1;
    return s;
  }
}
