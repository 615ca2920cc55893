import { Collapser } from './collapse.js';
import type { Network } from './network.js';

export interface InferenceOptions {
  /** Fold batch norm, fixed and scale components into affines. Default true. */
  readonly collapse?: boolean;
}

/**
 * The network as it is best used to decode: the same outputs from fewer and simpler steps. It is not to be trained
 * on.
 */
export function forInference(network: Network, { collapse = true }: InferenceOptions = {}): Network {
  return collapse ? new Collapser(network).collapse() : network;
}
