import { toMatrix } from '@jebena/io-ark';
import { addXentBranch } from '../xent-branch.js';
import type { Minibatch, MinibatchInput, MinibatchOutput } from '../minibatch.js';
import { gridOf, pickRows } from './convert.js';
import type { NnetChainExample } from './nnet-chain-example.js';

export interface ChainMinibatchOptions {
  /** Ask the cross-entropy branch for its output, too (`output-xent` beside `output`). Default false. */
  readonly xent?: boolean;
  /** Take the weights of frames that the examples hold. Default true. */
  readonly derivWeights?: boolean;
}

/**
 * A merged chain example of Kaldi's (or a single one) as a minibatch, time-major.
 *
 * @throws RangeError where frames are uneven, or the outputs' rows are not ordered by frame, then by sequence
 */
export function chainMinibatch(
  key: string,
  { inputs, outputs }: NnetChainExample,
  { xent = false, derivWeights = true }: ChainMinibatchOptions = {},
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
      weights: derivWeights && weights.length > 0 ? weights : undefined,
    };
  });
  const minibatch = { key, sequences: first, inputs: given, outputs: wanted };
  return xent ? addXentBranch(minibatch) : minibatch;
}
