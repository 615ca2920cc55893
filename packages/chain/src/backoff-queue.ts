/** Numbers of states in order of the likelihood that merging them changes, highest first; of equals the highest number. */
export class BackoffQueue {
  private readonly changes: number[] = [];
  private readonly states: number[] = [];

  get size(): number {
    return this.states.length;
  }

  push(change: number, state: number): void {
    const { changes, states } = this;
    let i = states.length;
    for (; i > 0 && this.before(change, state, (i - 1) >> 1); i = (i - 1) >> 1) {
      changes[i] = changes[(i - 1) >> 1]!;
      states[i] = states[(i - 1) >> 1]!;
    }
    changes[i] = change;
    states[i] = state;
  }

  /** Takes out the first; the queue must not be empty. */
  pop(): { readonly change: number; readonly state: number } {
    const { changes, states } = this;
    const top = { change: changes[0]!, state: states[0]! };
    const [change, state] = [changes.pop()!, states.pop()!];
    const count = states.length;
    if (count === 0) return top;
    let i = 0;
    for (let down = 1; down < count; down = 2 * i + 1) {
      if (down + 1 < count && this.before(changes[down + 1]!, states[down + 1]!, down)) down++;
      if (this.before(change, state, down)) break;
      changes[i] = changes[down]!;
      states[i] = states[down]!;
      i = down;
    }
    changes[i] = change;
    states[i] = state;
    return top;
  }

  private before(change: number, state: number, i: number): boolean {
    return change > this.changes[i]! || (change === this.changes[i] && state > this.states[i]!);
  }
}
