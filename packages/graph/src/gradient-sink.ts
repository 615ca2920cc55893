import type { Engine, Tensor } from '@jebena/engine';

/**
 * Where a component's backprop hands its parameters' gradients. Derivatives are those of the objective, which is
 * to grow (Kaldi's sign). A sink may add them up plainly, or, as natural gradient does, first look at both sides.
 * Tensors handed over stay the component's: a sink that keeps one past the call must `keep` or copy it. In one backward pass each parameter is handed over once, however often its component runs.
 */
export interface GradientSink {
  /**
   * W += dy^T x, and bias += the sum of dy's rows. x: rows x in (without a column of ones), whole or in blocks of
   * columns that stand side by side; dy: rows x out.
   */
  affine(weights: string, bias: string | undefined, x: Tensor | readonly Tensor[], dy: Tensor): void;
  /** A parameter of one row: += the sum of the rows of `perRow`. Natural gradient looks at the rows. */
  rows(parameter: string, perRow: Tensor): void;
  /** A gradient that is already complete, in the parameter's shape. Natural gradient, where set, takes its rows. */
  whole(parameter: string, gradient: Tensor): void;
}

/** dy^T x for an x of blocks side by side; with `ones`, what dy's rows add up to as one more column. */
export function affineGradient(engine: Engine, x: Tensor | readonly Tensor[], dy: Tensor, ones = false): Tensor {
  const blocks = 'rows' in x ? [x] : x;
  const parts = blocks.map((block) => engine.matmul(dy, block, { transposeA: true }));
  if (ones) parts.push(engine.transpose(engine.sumRows(dy)));
  return parts.length === 1 ? parts[0]! : engine.concatCols(parts);
}
