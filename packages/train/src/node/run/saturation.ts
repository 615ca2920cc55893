import type { Network } from '@jebena/graph';

/** Largest derivatives of the five nonlinearities of an LSTM: i, f, c, o, m. */
const largestOfLstm = [0.25, 0.25, 1, 0.25, 1];

/**
 * How far the sigmoid and tanh units of a network are in their flat parts, from 0 to 1, by the statistics of their
 * derivatives (steps/nnet3/get_saturation.pl); undefined where there are none.
 */
export function saturation(network: Network): number | undefined {
  const found: number[] = [];
  for (const component of network.components.values()) {
    const { sums, counts } = component.statistics() ?? { sums: {}, counts: {} };
    const { deriv } = sums;
    const count = counts['count'] ?? 0;
    if (!deriv || count === 0) continue;
    const meanOfRow = (row: number): number => {
      let sum = 0;
      for (let c = 0; c < deriv.cols; c++) sum += deriv.data[row * deriv.cols + c]!;
      return sum / (count * deriv.cols);
    };
    if (component.type === 'SigmoidComponent') found.push(1 - meanOfRow(0) / 0.25);
    if (component.type === 'TanhComponent') found.push(1 - meanOfRow(0));
    if (component.type === 'LstmNonlinearityComponent')
      largestOfLstm.forEach((most, row) => found.push(1 - meanOfRow(row) / most));
  }
  return found.length > 0 ? found.reduce((a, b) => a + b, 0) / found.length : undefined;
}
