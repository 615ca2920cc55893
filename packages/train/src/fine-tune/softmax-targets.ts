import type { Objective } from '../objectives/objective.js';

/**
 * Cross-entropy of the softmax of an output with dense targets, whatever the output is: log-probabilities (whose
 * softmax is themselves), or the scores of a chain model, which add what they like to each frame.
 */
export const softmaxTargets = (): Objective => ({
  name: 'softmax-targets',
  evaluate: (engine, output, { name, targets }) => {
    if (targets.kind !== 'dense' || targets.dim !== output.cols)
      throw new RangeError(`output '${name}': expected dense targets of ${output.cols} classes, found ${targets.kind}`);
    const { values } = targets;
    const wanted = engine.tensor(values.rows, values.cols, values.data);
    const logs = engine.logSoftmax(output);
    // Rows of targets add up to 1, or to 0 where a frame does not count.
    const given = engine.binary('mul', engine.unary('exp', logs), engine.sumCols(wanted));
    return {
      derivative: engine.binary('sub', wanted, given),
      objective: engine.sumAll(engine.binary('mul', wanted, logs)),
      weight: values.rows,
    };
  },
});
