import { toMatrix } from '@jebena/io-ark';
import { chainTargetsAs, type ChainTargetsOptions } from '../xent-branch.js';
import type { Minibatch, MinibatchInput, MinibatchOutput } from '../minibatch.js';
import { gridOf, pickRows } from './convert.js';
import type { NnetChainExample } from './nnet-chain-example.js';

export type ChainMinibatchOptions = ChainTargetsOptions;

/**
 * A merged chain example of Kaldi's (or a single one) as a minibatch, time-major.
 *
 * @throws RangeError where frames are uneven, or the outputs' rows are not ordered by frame, then by sequence
 */
export function chainMinibatch(
  key: string,
  { inputs, outputs }: NnetChainExample,
  options: ChainMinibatchOptions = {},
): Minibatch {
  const first = outputs[0]!.supervision.numSequences;
  const checked = (name: string, sequences: number): void => {
    if (sequences !== first)
      throw new RangeError(`'${key}': expected ${first} sequences of '${name}', found ${sequences}`);
  };
  const given = inputs.map(({ name, indexes, features }): MinibatchInput => {
    const { sequences, first: start, count, stride, rows } = gridOf(name, indexes);
    checked(name, sequences);
    return { name, first: start, count, stride, feats: pickRows(toMatrix(features), rows) };
  });
  const wanted = outputs.map(({ name, indexes, supervision, derivWeights: weights }): MinibatchOutput => {
    const { sequences, first: start, count, stride, rows } = gridOf(name, indexes);
    checked(name, sequences);
    if (rows.some((r, i) => r !== i))
      throw new RangeError(`'${key}': expected the rows of '${name}' by frame, then by sequence, found another order`);
    return {
      name,
      first: start,
      count,
      stride,
      targets: { kind: 'chain', dim: supervision.labelDim, supervision },
      weights: weights.length > 0 ? weights : undefined,
    };
  });
  return chainTargetsAs(options)({ key, sequences: first, inputs: given, outputs: wanted });
}
