import type { Network } from '@jebena/graph';
import { crossEntropy } from './cross-entropy.js';
import type { Objective } from './objective.js';
import { quadratic } from './quadratic.js';

/** The objective of each output, as its node names it. */
export function outputObjectives(network: Network): Record<string, Objective> {
  return Object.fromEntries(
    network.outputs.map(({ name, objective }) => [name, objective === 'quadratic' ? quadratic() : crossEntropy()]),
  );
}
