/** Numbers in order of their costs, lowest first: a binary heap in columns. */
export class PriorityQueue {
  private readonly costs: number[] = [];
  private readonly items: number[] = [];

  get size(): number {
    return this.items.length;
  }

  /** The lowest cost; Infinity when empty. */
  get lowest(): number {
    return this.costs[0] ?? Infinity;
  }

  push(item: number, cost: number): void {
    const { costs, items } = this;
    let i = items.length;
    costs.push(cost);
    items.push(item);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (costs[up]! <= cost) break;
      costs[i] = costs[up]!;
      items[i] = items[up]!;
      i = up;
    }
    costs[i] = cost;
    items[i] = item;
  }

  /** Takes out the item of lowest cost; the queue must not be empty. */
  pop(): number {
    const { costs, items } = this;
    const top = items[0]!;
    const cost = costs.pop()!;
    const item = items.pop()!;
    const n = items.length;
    if (n === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= n) break;
      if (down + 1 < n && costs[down + 1]! < costs[down]!) down++;
      if (costs[down]! >= cost) break;
      costs[i] = costs[down]!;
      items[i] = items[down]!;
      i = down;
    }
    costs[i] = cost;
    items[i] = item;
    return top;
  }
}
