import { Computability } from './computability.js';
import { NetworkError } from './errors.js';
import { index, timeOf } from './indexes.js';
import type { Network } from './network.js';

export interface Contexts {
  readonly left: number;
  readonly right: number;
}

/**
 * The contexts that Kaldi works out: windows of 40, 80, ... input frames, at all shifts within the modulus, of which
 * the first run of computable outputs is taken (nnet-utils.cc, ComputeSimpleNnetContext). Where computable outputs
 * have gaps this says more than is needed, but chunks must be cut alike to give Kaldi's answers.
 */
export function kaldiContexts(network: Network): Contexts {
  for (let window = 40; window < 800; window *= 2) {
    const found = forWindow(network, window);
    if (found) return found;
  }
  throw new NetworkError(
    'ERR_NOT_COMPUTABLE',
    "expected an output computable from inputs 'input' and 'ivector', found none",
  );
}

function forWindow(network: Network, window: number): Contexts | undefined {
  let left = 0;
  let right = 0;
  const { modulus } = network;
  const output = network.hasNode('output') ? 'output' : network.outputs[0]!.name;
  for (let start = 0; start < modulus; start++) {
    const given = (node: string, at: number): boolean => {
      if (node !== 'input' && node !== 'ivector') return false;
      const t = timeOf(at);
      return t >= (node === 'ivector' ? start - modulus : start) && t < start + window;
    };
    const computable = new Computability(network, given, { first: start - modulus, last: start + window });
    const ok = Array.from({ length: window }, (_, i) => computable.node(output, index(start + i)));
    const first = ok.indexOf(true);
    if (first < 0) return undefined;
    const end = ok.indexOf(false, first);
    left = Math.max(left, first);
    right = Math.max(right, window - (end < 0 ? window : end));
  }
  return { left, right };
}
