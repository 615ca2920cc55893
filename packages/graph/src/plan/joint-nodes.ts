import type { Network } from '../network.js';
import { nodeSources } from './order.js';

/**
 * Nodes of a cycle in groups whose rows may be computed by one product: affines that read the same, such as the gates of an
 * LSTM or GRU, and that only nodes of the cycle read. All others stand alone.
 *
 * @param apart nodes that a computation is to hold by themselves
 */
export function jointNodes(
  network: Network,
  nodes: readonly string[],
  apart: (node: string) => boolean,
): readonly (readonly string[])[] {
  const inside = new Set(nodes);
  const readOutside = new Set<string>();
  for (const { name } of network.nodes)
    if (!inside.has(name)) for (const source of nodeSources(network, name)) readOutside.add(source);
  const groups = new Map<string, string[]>();
  for (const name of nodes) {
    const node = network.node(name);
    const component = node.kind === 'component' ? network.component(node.component) : undefined;
    const { affine } = component ?? {};
    const joins = node.kind === 'component' && affine && !apart(name) && !readOutside.has(name);
    const key = joins ? `${affine.bias !== undefined} ${JSON.stringify(node.input)}` : name;
    const group = groups.get(key);
    // A component that two nodes share has one gradient.
    const shared = group?.some((other) => componentOf(network, other) === componentOf(network, name));
    if (group && !shared) group.push(name);
    else groups.set(group ? name : key, [name]);
  }
  return [...groups.values()];
}

function componentOf(network: Network, name: string): string | undefined {
  const node = network.node(name);
  return node.kind === 'component' ? node.component : undefined;
}
