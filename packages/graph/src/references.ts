import type { Engine, Tensor } from '@jebena/engine';

/** Counts who holds a tensor, and frees it when nobody does: results may be their own inputs (NoOp, Offset 0). */
export class References {
  private readonly counts = new Map<Tensor, number>();
  constructor(private readonly engine: Engine) {}

  /** One holder more (a new tensor gets its first). */
  own(t: Tensor): Tensor {
    this.counts.set(t, (this.counts.get(t) ?? 0) + 1);
    return t;
  }

  /** A tensor that belongs to somebody else: it is never freed here. */
  borrow(t: Tensor): Tensor {
    this.counts.set(t, Infinity);
    return t;
  }

  release(t: Tensor | undefined): void {
    if (!t) return;
    const left = (this.counts.get(t) ?? 1) - 1;
    if (left > 0) this.counts.set(t, left);
    else {
      this.counts.delete(t);
      this.engine.dispose(t);
    }
  }

  /** Gives the only holder's tensor away. */
  surrender(t: Tensor): void {
    this.counts.delete(t);
  }

  /** Whether anybody holds it. */
  holds(t: Tensor): boolean {
    return this.counts.has(t);
  }

  shared(t: Tensor): boolean {
    return (this.counts.get(t) ?? 1) > 1;
  }

  /** a + scale b, taking over one reference to each; in place where nobody else holds a. */
  addInto(a: Tensor, b: Tensor, scale = 1): Tensor {
    const { engine } = this;
    return this.sum(
      a,
      b,
      () => engine.addScaled(a, b, scale),
      () => engine.intoAddScaled(a, b, scale),
    );
  }

  /** The same for a b of fewer rows, which are added to those of a from `first` on. */
  addRowsInto(a: Tensor, b: Tensor, first: number, scale = 1): Tensor {
    const { engine } = this;
    const copied = (): Tensor => engine.intoAddRows(engine.scale(a, 1), b, first, scale);
    return this.sum(a, b, copied, () => engine.intoAddRows(a, b, first, scale));
  }

  private sum(a: Tensor, b: Tensor, shared: () => Tensor, alone: () => Tensor): Tensor {
    const copies = this.shared(a);
    const sum = copies ? shared() : alone();
    if (copies) this.release(a);
    else this.counts.delete(a);
    this.release(b);
    return this.own(sum);
  }

  /** Frees everything that is still held. */
  clear(): void {
    for (const [t, count] of this.counts) if (count !== Infinity) this.engine.dispose(t);
    this.counts.clear();
  }
}
