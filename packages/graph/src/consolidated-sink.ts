import type { Engine, Tensor } from '@jebena/engine';
import { type AffineInput, blocksOf, type GradientSink } from './gradient-sink.js';
import type { References } from './references.js';

interface Affine {
  readonly weights: string;
  readonly bias: string | undefined;
  readonly xs: Tensor[];
  readonly dys: Tensor[];
}

/**
 * Holds what the steps of one component hand over (a recurrence, or nodes that share it) and passes it on at once:
 * one long product instead of many short ones, and natural gradient sees all rows together, as with Kaldi's
 * consolidated updates.
 */
export class ConsolidatedSink implements GradientSink {
  private readonly affines = new Map<string, Affine>();
  private readonly perRow = new Map<string, Tensor[]>();
  private readonly wholes = new Map<string, Tensor>();

  constructor(
    private readonly engine: Engine,
    private readonly refs: References,
    private readonly target: GradientSink,
  ) {}

  /** Holds a tensor past the tidy that it may have been made in. */
  private hold(t: Tensor): Tensor {
    if (!this.refs.holds(t)) this.engine.keep(t);
    return this.refs.own(t);
  }

  affine(weights: string, bias: string | undefined, x: AffineInput, dy: Tensor): void {
    let found = this.affines.get(weights);
    if (!found) this.affines.set(weights, (found = { weights, bias, xs: [], dys: [] }));
    const blocks = blocksOf(this.engine, x);
    found.xs.push(this.hold(blocks.length === 1 ? blocks[0]! : this.engine.concatCols(blocks)));
    found.dys.push(this.hold(dy));
  }

  rows(parameter: string, perRow: Tensor): void {
    const found = this.perRow.get(parameter);
    if (found) found.push(this.hold(perRow));
    else this.perRow.set(parameter, [this.hold(perRow)]);
  }

  whole(parameter: string, gradient: Tensor): void {
    const sum = this.wholes.get(parameter);
    const held = this.hold(gradient);
    this.wholes.set(parameter, sum ? this.refs.addInto(sum, held) : held);
  }

  /** Passes all on, and lets go of it. */
  finish(): void {
    const { engine, target } = this;
    const join = (parts: readonly Tensor[]): Tensor => (parts.length === 1 ? parts[0]! : engine.concatRows(parts));
    engine.tidy(() => {
      for (const { weights, bias, xs, dys } of this.affines.values()) target.affine(weights, bias, join(xs), join(dys));
      for (const [parameter, parts] of this.perRow) target.rows(parameter, join(parts));
      for (const [parameter, gradient] of this.wholes) target.whole(parameter, gradient);
    });
    this.dispose();
  }

  dispose(): void {
    for (const { xs, dys } of this.affines.values()) for (const t of [...xs, ...dys]) this.refs.release(t);
    for (const parts of this.perRow.values()) for (const t of parts) this.refs.release(t);
    for (const t of this.wholes.values()) this.refs.release(t);
    this.affines.clear();
    this.perRow.clear();
    this.wholes.clear();
  }
}
