import { isName } from '../config-line.js';
import { renameNodes, visitNodes } from '../descriptor.js';
import { NetworkError } from '../errors.js';
import { Network } from '../network.js';
import type { NetworkNode } from '../network-node.js';
import { namePattern } from './name-pattern.js';

/** The network with one node under another name, wherever it is read. */
export function renameNode(network: Network, oldName: string, newName: string): Network {
  const fail = (message: string): never => {
    throw new NetworkError('ERR_NETWORK_NAME', `rename-node: ${message}`, { name: oldName });
  };
  if (!network.hasNode(oldName)) fail(`expected old-name of a node, found none called '${oldName}'`);
  if (!isName(newName)) fail(`expected a name of letters, digits, _, - and ., found '${newName}'`);
  if (network.hasNode(newName)) fail(`expected a name that is free, found '${newName}' taken`);
  const rename = (name: string): string => (name === oldName ? newName : name);
  const nodes = network.nodes.map((node): NetworkNode => {
    const name = rename(node.name);
    if (node.kind === 'input') return { ...node, name };
    if (node.kind === 'dim-range') return { ...node, name, of: rename(node.of) };
    return { ...node, name, input: renameNodes(node.input, rename) };
  });
  return new Network(nodes, network.components);
}

/** The network without the output nodes that the pattern names; one must be left. */
export function removeOutputNodes(network: Network, pattern: string): { network: Network; removed: number } {
  const matches = namePattern(pattern);
  const nodes = network.nodes.filter((node) => node.kind !== 'output' || !matches(node.name));
  if (!nodes.some(({ kind }) => kind === 'output'))
    throw new NetworkError(
      'ERR_NETWORK_NAME',
      `remove-output-nodes name=${pattern}: expected an output to be left, found none`,
    );
  return { network: new Network(nodes, network.components), removed: network.nodes.length - nodes.length };
}

/** The network without nodes that no output needs; inputs stay unless told otherwise. */
export function removeOrphanNodes(network: Network, alsoInputs = false): Network {
  const needed = new Set<string>();
  const queue = network.outputs.map(({ name }) => name);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const node = network.node(name);
    if (node.kind === 'dim-range') queue.push(node.of);
    else if (node.kind !== 'input') visitNodes(node.input, (source) => queue.push(source));
  }
  const kept = network.nodes.filter((node) => needed.has(node.name) || (node.kind === 'input' && !alsoInputs));
  return new Network(kept, network.components);
}

/** The network without components that no node uses. */
export function removeOrphanComponents(network: Network): Network {
  const used = new Set(network.nodes.flatMap((node) => (node.kind === 'component' ? [node.component] : [])));
  return new Network(network.nodes, new Map([...network.components].filter(([name]) => used.has(name))));
}
