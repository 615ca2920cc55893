import type { Engine, Tensor } from '@jebena/engine';
import type { HostStatistics, Statistics } from './component.js';

/** A component's statistics on an engine. */
export class EngineStatistics implements Statistics {
  private readonly sums = new Map<string, Tensor>();
  private readonly counts = new Map<string, number>();
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
    const sum = this.sums.get(name);
    const next = sum ? this.engine.intoAddScaled(sum, values, 1) : this.engine.scale(values, 1);
    this.sums.set(name, this.engine.keep(next));
    this.touch();
  }

  sum(name: string): Tensor | undefined {
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
    const sums: Record<string, { rows: number; cols: number; data: Float32Array }> = {};
    for (const [name, t] of this.sums) sums[name] = { rows: t.rows, cols: t.cols, data: await this.engine.read(t) };
    return { sums, counts: Object.fromEntries(this.counts) };
  }

  dispose(): void {
    this.engine.dispose(...this.sums.values());
  }
}
