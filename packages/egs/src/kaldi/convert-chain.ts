import type { Example } from '../example.js';
import { type FromExampleOptions, fromNnetInput, gridOf, toNnetInputs } from './convert.js';
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

/**
 * One chain example of Kaldi's as ours.
 *
 * @throws RangeError when it is a minibatch of several, or its frames are not evenly spaced
 */
export function fromNnetChainExample(key: string, { inputs, outputs }: NnetChainExample): Example {
  return {
    key,
    inputs: inputs.map((io) => fromNnetInput(key, io)),
    outputs: outputs.map(({ name, indexes, supervision, derivWeights }) => {
      const { first, count, stride } = gridOf(name, indexes);
      if (supervision.numSequences > 1)
        throw new RangeError(`'${key}': expected one example, found a minibatch of ${supervision.numSequences}`);
      const targets = { kind: 'chain', dim: supervision.labelDim, supervision } as const;
      return { name, first, count, stride, targets, weights: derivWeights.length > 0 ? derivWeights : undefined };
    }),
  };
}
