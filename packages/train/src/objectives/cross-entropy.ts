import type { DenseTargets, LabelTargets, MinibatchOutput, PosteriorTargets } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';
import type { Evaluation, Objective } from './objective.js';

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/** Settings of {@link crossEntropy}. */
export interface CrossEntropySettings {
  /** Share of each frame's weight that is spread evenly over all classes, in [0, 1). Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Kaldi's `linear` objective: the output's values (log-probabilities, from a log-softmax layer) weighted by the
 * targets. With one label a frame it is minus the cross-entropy. Frames are masked by the minibatch's weights (0), or
 * by a label of -1.
 */
export function crossEntropy({ labelSmoothing = 0 }: CrossEntropySettings = {}): Objective {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new RangeError(`crossEntropy: expected labelSmoothing in [0, 1), found ${labelSmoothing}`);
  const plain = linear();
  if (labelSmoothing === 0) return plain;
  return {
    name: plain.name,
    evaluate: (engine, output, target, sequences) => {
      const evaluation = plain.evaluate(engine, output, target, sequences);
      // What a row's targets add up to is what is shared out.
      const even = engine.scale(engine.sumCols(evaluation.derivative), labelSmoothing / output.cols);
      const kept = engine.scale(evaluation.derivative, 1 - labelSmoothing);
      const derivative = engine.binary('add', kept, even);
      return { ...evaluation, derivative, objective: engine.sumAll(engine.binary('mul', derivative, output)) };
    },
  };
}

const linear = (): Objective => ({
  name: 'linear',
  evaluate: (engine, output, target) => {
    const { targets } = target;
    if (targets.kind === 'chain')
      throw new TypeError(`output '${target.name}': cross-entropy wants labels or posteriors, found chain supervision`);
    // A dimension of 0 says that whoever made the labels did not know it.
    if (targets.dim !== output.cols && (targets.dim !== 0 || targets.kind !== 'labels'))
      throw new RangeError(`output '${target.name}': expected targets of ${output.cols} classes, found ${targets.dim}`);
    if (targets.kind === 'labels') return labels(engine, output, targets, target.weights);
    return dense(
      engine,
      output,
      targets.kind === 'dense'
        ? engine.tensor(targets.values.rows, targets.dim, targets.values.data)
        : posterior(engine, targets),
      target,
      targets,
    );
  },
});

function labels(
  engine: Engine,
  output: Tensor,
  { labels }: LabelTargets,
  weights: Float32Array | undefined,
): Evaluation {
  const most = labels.reduce((a, b) => Math.max(a, b), -1);
  if (most >= output.cols) throw new RangeError(`expected labels below ${output.cols}, found ${most}`);
  // A frame without a label has weight 0 whatever the caller said.
  const perRow = Float32Array.from(labels, (label, i) => (label < 0 ? 0 : (weights?.[i] ?? 1)));
  const column = engine.rowIndex(labels);
  const weight = engine.tensor(labels.length, 1, perRow);
  const picked = engine.binary('mul', engine.pickCols(output, column), weight);
  const evaluation = {
    derivative: engine.spreadCols(weight, column, output.cols),
    objective: engine.sumAll(picked),
    correct: countCorrect(engine, output, labels, weight),
    weight: sum(perRow),
  };
  engine.dispose(column);
  return evaluation;
}

function countCorrect(engine: Engine, output: Tensor, labels: Int32Array, weight: Tensor): Tensor {
  const wanted = engine.tensor(labels.length, 1, Float32Array.from(labels));
  const miss = engine.unary('abs', engine.unary('sign', engine.binary('sub', engine.argMaxCols(output), wanted)));
  return engine.sumAll(engine.binary('mul', engine.scale(miss, -1, 1), weight));
}

function posterior(engine: Engine, { dim, rowStart, labels, weights }: PosteriorTargets): Tensor {
  const rows = rowStart.length - 1;
  const values = new Float32Array(rows * dim);
  for (let r = 0; r < rows; r++)
    for (let i = rowStart[r]!; i < rowStart[r + 1]!; i++) values[r * dim + labels[i]!]! += weights[i]!;
  return engine.tensor(rows, dim, values);
}

function dense(
  engine: Engine,
  output: Tensor,
  wanted: Tensor,
  { weights }: MinibatchOutput,
  targets: PosteriorTargets | DenseTargets,
): Evaluation {
  const weighted = weights ? engine.binary('mul', wanted, engine.tensor(weights.length, 1, weights)) : wanted;
  return {
    derivative: weighted,
    objective: engine.sumAll(engine.binary('mul', output, weighted)),
    weight: totalWeight(targets, weights),
  };
}

function totalWeight(targets: PosteriorTargets | DenseTargets, weights: Float32Array | undefined): number {
  if (targets.kind === 'dense') {
    const { cols, data } = targets.values;
    return sum(data.map((v, i) => v * (weights?.[Math.floor(i / cols)] ?? 1)));
  }
  let total = 0;
  for (let r = 0; r + 1 < targets.rowStart.length; r++)
    for (let i = targets.rowStart[r]!; i < targets.rowStart[r + 1]!; i++)
      total += targets.weights[i]! * (weights?.[r] ?? 1);
  return total;
}
