import type { Engine, Tensor } from '@jebena/engine';
import type { HostStatistics, Statistics } from './component.js';

/** So many are added up at a time. */
const mostLate = 64;

/** A component's statistics on an engine. */
export class EngineStatistics implements Statistics {
  private readonly sums = new Map<string, Tensor>();
  private readonly counts = new Map<string, number>();
  /** What is yet to be added to a sum: the steps of a recurrence are added up together. */
  private readonly late = new Map<string, Tensor[]>();
  /** Whether they differ from what they were loaded from. */
  changed = false;

  constructor(
    private readonly engine: Engine,
    start: HostStatistics | undefined,
    /** Called when what was derived from them no longer holds. */
    private readonly onChange: () => void,
  ) {
    if (start) this.put(start);
  }

  private put({ sums, counts }: HostStatistics): void {
    for (const [name, m] of Object.entries(sums))
      this.sums.set(name, this.engine.keep(this.engine.tensor(m.rows, m.cols, m.data)));
    for (const [name, count] of Object.entries(counts)) this.counts.set(name, count);
  }

  /** Puts others in their place. */
  replace(statistics: HostStatistics): void {
    this.clear();
    this.put(statistics);
  }

  private touch(): void {
    this.changed = true;
    this.onChange();
  }

  add(name: string, values: Tensor): void {
    this.engine.keep(values);
    const late = this.late.get(name);
    if (late) late.push(values);
    else this.late.set(name, [values]);
    if (late?.length === mostLate) this.settleSum(name);
    this.touch();
  }

  /** Adds what is yet to be added. */
  settle(): void {
    for (const name of this.late.keys()) this.settleSum(name);
  }

  private settleSum(name: string): void {
    const { engine } = this;
    const late = this.late.get(name);
    if (!late) return;
    this.late.delete(name);
    const joined = late.length > 1 && late[0]!.rows === 1 ? engine.concatRows(late) : undefined;
    for (const values of joined ? [engine.sumRows(joined)] : late) {
      const sum = this.sums.get(name);
      this.sums.set(name, engine.keep(sum ? engine.intoAddScaled(sum, values, 1) : values));
      if (sum) engine.dispose(values);
    }
    if (joined) engine.dispose(joined, ...late);
  }

  sum(name: string): Tensor | undefined {
    this.settleSum(name);
    return this.sums.get(name);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  addCount(name: string, by: number): void {
    this.counts.set(name, this.count(name) + by);
    this.touch();
  }

  scale(by: number): void {
    this.settle();
    for (const [name, sum] of this.sums) {
      this.sums.set(name, this.engine.keep(this.engine.scale(sum, by)));
      this.engine.dispose(sum);
    }
    for (const [name, count] of this.counts) this.counts.set(name, by * count);
    this.touch();
  }

  clear(): void {
    this.dispose();
    this.sums.clear();
    this.counts.clear();
    this.touch();
  }

  async toHost(): Promise<HostStatistics> {
    this.settle();
    const sums: Record<string, { rows: number; cols: number; data: Float32Array }> = {};
    for (const [name, t] of this.sums) sums[name] = { rows: t.rows, cols: t.cols, data: await this.engine.read(t) };
    return { sums, counts: Object.fromEntries(this.counts) };
  }

  dispose(): void {
    this.engine.dispose(...[...this.late.values()].flat(), ...this.sums.values());
    this.late.clear();
  }
}
