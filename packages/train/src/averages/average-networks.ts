import { combineNetworks, type Network } from '@jebena/graph';

/**
 * The average of networks alike: all that are given, or the last `last` of them. Statistics are averaged with their
 * counts.
 *
 * @example
 * ```ts
 * const final = averageNetworks(epochs, { last: 5 });
 * ```
 */
export function averageNetworks(networks: readonly Network[], { last = networks.length } = {}): Network {
  if (!(Number.isInteger(last) && last >= 1 && last <= networks.length))
    throw new RangeError(`averageNetworks: expected 1 to ${networks.length} networks, found ${last}`);
  const chosen = networks.slice(-last);
  return combineNetworks(
    chosen,
    chosen.map(() => 1 / last),
  );
}
