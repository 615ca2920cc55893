/** A place in a list of arcs that are sorted by label. */
export interface ArcPlace {
  readonly labels: ArrayLike<number>;
  readonly state: number;
  at: number;
}

const label = ({ labels, at }: ArcPlace): number => labels[at]!;

/**
 * Places in lists of arcs, the lowest label first; of equal ones, that which C++'s std::priority_queue would give: the
 * order in which classes of states are split hangs on it.
 */
export class LabelHeap {
  private readonly heap: ArcPlace[] = [];

  get size(): number {
    return this.heap.length;
  }

  push(place: ArcPlace): void {
    this.heap.push(place);
    this.rise(this.heap.length - 1, place);
  }

  /** Takes out the first; the heap must not be empty. */
  pop(): ArcPlace {
    const { heap } = this;
    const top = heap[0]!;
    const last = heap.pop()!;
    const count = heap.length;
    if (count === 0) return top;
    // The gap sinks to the bottom along the lower children, then the last one rises from there.
    let gap = 0;
    for (let child = 2; child < count; child = 2 * gap + 2) {
      if (label(heap[child]!) > label(heap[child - 1]!)) child--;
      heap[gap] = heap[child]!;
      gap = child;
    }
    if (count % 2 === 0 && gap === (count - 2) / 2) {
      heap[gap] = heap[2 * gap + 1]!;
      gap = 2 * gap + 1;
    }
    this.rise(gap, last);
    return top;
  }

  private rise(from: number, place: ArcPlace): void {
    const { heap } = this;
    let i = from;
    for (; i > 0 && label(heap[(i - 1) >> 1]!) > label(place); i = (i - 1) >> 1) heap[i] = heap[(i - 1) >> 1]!;
    heap[i] = place;
  }
}
