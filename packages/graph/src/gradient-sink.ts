import type { Engine, RowIndex, Tensor } from '@jebena/engine';

/** Rows of a matrix side by side, `perRow` a row, as `Engine.affinePatches` takes them. */
export interface Patches {
  readonly of: Tensor;
  readonly index: RowIndex;
  readonly perRow: number;
}

/** An affine's input: whole, in blocks of columns that stand side by side, or as patches. */
export type AffineInput = Tensor | readonly Tensor[] | Patches;

/**
 * Where a component's backprop hands its parameters' gradients. Derivatives are those of the objective, which is
 * to grow (Kaldi's sign). A sink may add them up plainly, or, as natural gradient does, first look at both sides.
 * Tensors handed over stay the component's: a sink that keeps one past the call must `keep` or copy it. In one backward pass each parameter is handed over once, however often its component runs.
 */
export interface GradientSink {
  /**
   * W += dy^T x, and bias += the sum of dy's rows. x: rows x in (without a column of ones); dy: rows x out.
   */
  affine(weights: string, bias: string | undefined, x: AffineInput, dy: Tensor): void;
  /** A parameter of one row: += the sum of the rows of `perRow`. Natural gradient looks at the rows. */
  rows(parameter: string, perRow: Tensor): void;
  /** A gradient that is already complete, in the parameter's shape. Natural gradient, where set, takes its rows. */
  whole(parameter: string, gradient: Tensor): void;
}

/** An affine's input as blocks of columns. */
export function blocksOf(engine: Engine, x: AffineInput): readonly Tensor[] {
  if ('rows' in x) return [x];
  if (!('of' in x)) return x;
  return [engine.reshape(engine.gatherRows(x.of, x.index), x.index.length / x.perRow, x.perRow * x.of.cols)];
}

/** dy^T x; with `ones`, what dy's rows add up to as one more column. */
export function affineGradient(engine: Engine, x: AffineInput, dy: Tensor, ones = false): Tensor {
  const parts =
    'of' in x
      ? [engine.matmulPatches(dy, x.of, x.index, x.perRow)]
      : blocksOf(engine, x).map((block) => engine.matmul(dy, block, { transposeA: true }));
  if (ones) parts.push(engine.transpose(engine.sumRows(dy)));
  return parts.length === 1 ? parts[0]! : engine.concatCols(parts);
}
