import { descriptorText, type Forwarding, type SumDescriptor, visitNodes } from './descriptor.js';
import { NetworkError } from './errors.js';
import type { Network } from './network.js';
import type { NetworkNode } from './network-node.js';

/** Throws where names are unknown, dimensions do not fit, or a cycle has no delay. */
export function checkNetwork(network: Network): void {
  const fail = (
    code: 'ERR_NETWORK_DIM' | 'ERR_NETWORK_NAME' | 'ERR_NETWORK_CONFIG',
    name: string,
    text: string,
  ): never => {
    throw new NetworkError(code, text, { name });
  };
  if (network.inputs.length === 0) throw new NetworkError('ERR_NETWORK_CONFIG', 'expected an input-node, found none');
  if (network.outputs.length === 0) throw new NetworkError('ERR_NETWORK_CONFIG', 'expected an output-node, found none');

  for (const node of network.nodes) {
    if (node.kind === 'component' && !network.components.has(node.component))
      fail('ERR_NETWORK_NAME', node.name, `expected a known component, found component=${node.component}`);
    if (node.kind === 'dim-range') {
      const of = network.hasNode(node.of) ? network.node(node.of) : undefined;
      if (of?.kind !== 'input' && of?.kind !== 'component')
        fail('ERR_NETWORK_NAME', node.name, `expected input-node= an input or component node, found '${node.of}'`);
    }
    if ('input' in node)
      visitNodes(node.input, (source) => {
        if (!network.hasNode(source))
          fail(
            'ERR_NETWORK_NAME',
            node.name,
            `expected a known node in ${descriptorText(node.input)}, found '${source}'`,
          );
        if (network.node(source).kind === 'output')
          fail('ERR_NETWORK_NAME', node.name, `expected no output node in a descriptor, found '${source}'`);
      });
  }
  for (const node of network.nodes) {
    if (node.kind === 'dim-range') {
      const have = network.nodeDim(node.of);
      if (node.offset + node.dim > have)
        fail(
          'ERR_NETWORK_DIM',
          node.name,
          `expected columns within the ${have} of ${node.of}, found ${node.offset} to ${node.offset + node.dim - 1}`,
        );
    }
    if ('input' in node) for (const part of node.input) checkDims(network, node, part);
    if (node.kind === 'component') {
      const expected = network.component(node.component).inputDim;
      const found = network.descriptorDim(node.input);
      if (expected !== found && expected !== 0)
        fail(
          'ERR_NETWORK_DIM',
          node.name,
          `expected an input of dim ${expected} (component ${node.component}), found ${found} in ${descriptorText(node.input)}`,
        );
    }
  }
  checkCycles(network);
}

/** All terms of a sum must have one dimension. */
function checkDims(network: Network, node: NetworkNode, part: SumDescriptor): number {
  const same = (parts: readonly SumDescriptor[]): number => {
    const dims = parts.map((p) => checkDims(network, node, p));
    const other = dims.find((d) => d !== dims[0]);
    if (other !== undefined)
      throw new NetworkError('ERR_NETWORK_DIM', `expected terms of one dim, found ${dims.join(' and ')}`, {
        name: node.name,
      });
    return dims[0]!;
  };
  switch (part.kind) {
    case 'sum':
    case 'failover':
      return same([part.a, part.b]);
    case 'switch':
      return same(part.of);
    case 'node':
    case 'const':
      return network.partDim(part);
    default:
      return checkDims(network, node, part.of);
  }
}

/** Nodes that are read at the very same time, whatever the time is. */
function undelayed(network: Network, node: NetworkNode): string[] {
  if (node.kind === 'dim-range') return [node.of];
  if (!('input' in node)) return [];
  if (node.kind === 'component' && !network.component(node.component).simple) return [];
  const found: string[] = [];
  const visit = (d: SumDescriptor): void => {
    if (d.kind === 'node') found.push(d.node);
    else if (d.kind === 'sum' || d.kind === 'failover') {
      visit(d.a);
      visit(d.b);
    } else if (d.kind === 'ifDefined') visit(d.of);
  };
  node.input.forEach(visit);
  return found;
}

function checkCycles(network: Network): void {
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    if (onPath.has(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name];
      throw new NetworkError(
        'ERR_NETWORK_CYCLE',
        `expected a delay in every cycle, found none in ${cycle.join(' <- ')}`,
        {
          name,
        },
      );
    }
    onPath.add(name);
    path.push(name);
    undelayed(network, network.node(name)).forEach(visit);
    path.pop();
    onPath.delete(name);
    done.add(name);
  };
  for (const node of network.nodes) visit(node.name);
}

/** Least common multiple of Switch sizes, Round moduli and components' periods. */
export function networkModulus(network: Network): number {
  let modulus = 1;
  const take = (by: number): void => {
    modulus = (modulus * by) / gcd(modulus, by);
  };
  const forwarding = (f: Forwarding): void => {
    if (f.kind === 'switch') {
      take(f.of.length);
      f.of.forEach(forwarding);
    } else if (f.kind !== 'node') {
      if (f.kind === 'round') take(f.modulus);
      forwarding(f.of);
    }
  };
  const visit = (d: SumDescriptor): void => {
    if (d.kind === 'sum' || d.kind === 'failover') {
      visit(d.a);
      visit(d.b);
    } else if (d.kind === 'ifDefined') visit(d.of);
    else if (d.kind !== 'const') forwarding(d);
  };
  for (const node of network.nodes) {
    if ('input' in node) node.input.forEach(visit);
    if (node.kind === 'component') take(network.component(node.component).modulus);
  }
  return modulus;
}

export const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));
