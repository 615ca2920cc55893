import type { Minibatch } from '@jebena/egs';
import type { ComputationRequest } from '@jebena/graph';

/** What a minibatch asks of the network. */
export const requestOf = ({ sequences, inputs, outputs }: Minibatch): ComputationRequest => ({
  sequences,
  inputs: inputs.map(({ name, first, count, stride }) => ({ name, first, count, stride })),
  outputs: outputs.map(({ name, first, count, stride }) => ({ name, first, count, stride })),
});
