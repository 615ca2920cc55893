import type { Example } from '../example.js';
import { type FromExampleOptions, toNnetInputs } from './convert.js';
import { timeIndexes } from './index-vector.js';
import type { NnetChainExample } from './nnet-chain-example.js';

/**
 * Our example for LF-MMI as Kaldi's.
 *
 * @throws RangeError for an output with other targets than supervision
 */
export function toNnetChainExample(example: Example, { compress = true }: FromExampleOptions = {}): NnetChainExample {
  const outputs = example.outputs.map(({ name, first, count, stride, targets, weights }) => {
    if (targets.kind !== 'chain')
      throw new RangeError(
        `output '${name}' of '${example.key}': expected supervision for LF-MMI, found ${targets.kind}`,
      );
    return {
      name,
      indexes: timeIndexes(first, count, stride),
      supervision: targets.supervision,
      derivWeights: weights ?? new Float32Array(count).fill(1),
    };
  });
  return { inputs: toNnetInputs(example, compress), outputs };
}
