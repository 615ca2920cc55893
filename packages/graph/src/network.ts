import type { Engine } from '@jebena/engine';
import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import type { Component } from './component.js';
import { UpdatableComponent } from './component.js';
import { type Descriptor, descriptorText, type SumDescriptor } from './descriptor.js';
import { NetworkError } from './errors.js';
import { type Contexts, kaldiContexts } from './contexts.js';
import { Model } from './model.js';
import { buildNetwork, type ConfigOptions } from './network-config.js';
import { checkNetwork, networkModulus } from './network-checks.js';
import type { InputNode, NetworkNode, OutputNode } from './network-node.js';
import { readNetwork, writeNetwork } from './network-file.js';

/**
 * A network: nodes joined by descriptors, and the components that some of them apply. A value on the host; `load`
 * puts its parameters on an engine.
 *
 * @example
 * ```ts
 * const network = Network.fromConfig(configText, { seed: 1 });
 * network.outputDim('output');
 * const bytes = network.toBytes({ binary: true });
 * ```
 */
export class Network {
  private readonly byName = new Map<string, NetworkNode>();
  private contexts: Contexts | undefined;
  private period: number | undefined;

  /** @throws NetworkError where nodes and components do not fit together */
  constructor(
    readonly nodes: readonly NetworkNode[],
    readonly components: ReadonlyMap<string, Component>,
  ) {
    for (const node of nodes) this.byName.set(node.name, node);
    checkNetwork(this);
  }

  /** Builds a network from nnet3 config text, or lays the config over another network (`base`). */
  static fromConfig(text: string, options: ConfigOptions & { base?: Network } = {}): Network {
    const { nodes, components } = buildNetwork(text, options, options.base);
    return new Network(nodes, components);
  }

  /** Reads a network from `<Nnet3>` on. */
  static read(input: KaldiInput): Network {
    const { nodes, components } = readNetwork(input);
    return new Network(nodes, components);
  }

  /** Reads a raw network from a whole file. For one that may be an acoustic model, see `readNetworkFile`. */
  static fromBytes(bytes: Uint8Array, path?: string): Network {
    return Network.read(new KaldiInput(bytes, { path }));
  }

  write(output: KaldiOutput): void {
    writeNetwork(this, output);
  }

  toBytes({ binary = true }: { binary?: boolean } = {}): Uint8Array {
    const output = new KaldiOutput({ binary });
    this.write(output);
    return output.bytes();
  }

  node(name: string): NetworkNode {
    const node = this.byName.get(name);
    if (!node)
      throw new NetworkError('ERR_NETWORK_NAME', `expected a node of the network, found none called '${name}'`);
    return node;
  }

  hasNode(name: string): boolean {
    return this.byName.has(name);
  }

  component(name: string): Component {
    const component = this.components.get(name);
    if (!component)
      throw new NetworkError('ERR_NETWORK_NAME', `expected a component of the network, found none called '${name}'`);
    return component;
  }

  get inputs(): readonly InputNode[] {
    return this.nodes.filter((n): n is InputNode => n.kind === 'input');
  }

  get outputs(): readonly OutputNode[] {
    return this.nodes.filter((n): n is OutputNode => n.kind === 'output');
  }

  /** The dimension of an input node. */
  inputDim(name = 'input'): number {
    const node = this.byName.get(name);
    if (node?.kind !== 'input')
      throw new NetworkError('ERR_NETWORK_NAME', `expected an input node, found no input called '${name}'`);
    return node.dim;
  }

  /** The dimension of an output node. */
  outputDim(name = 'output'): number {
    const node = this.byName.get(name);
    if (node?.kind !== 'output')
      throw new NetworkError('ERR_NETWORK_NAME', `expected an output node, found no output called '${name}'`);
    return this.descriptorDim(node.input);
  }

  /** The dimension of any node. */
  nodeDim(name: string): number {
    const node = this.node(name);
    switch (node.kind) {
      case 'component':
        return this.component(node.component).outputDim;
      case 'output':
        return this.descriptorDim(node.input);
      default:
        return node.dim;
    }
  }

  descriptorDim(d: Descriptor): number {
    return d.reduce((sum, part) => sum + this.partDim(part), 0);
  }

  partDim(d: SumDescriptor): number {
    switch (d.kind) {
      case 'node':
        return this.nodeDim(d.node);
      case 'const':
        return d.dim;
      case 'switch':
        return this.partDim(d.of[0]!);
      case 'sum':
      case 'failover':
        return this.partDim(d.a);
      default:
        return this.partDim(d.of);
    }
  }

  /** A network of the same components with other nodes. */
  withNodes(nodes: readonly NetworkNode[]): Network {
    return this.rebuilt(nodes, this.components);
  }

  /** Another network of these nodes and components. */
  rebuilt(nodes: readonly NetworkNode[], components: ReadonlyMap<string, Component>): Network {
    return new Network(nodes, components);
  }

  /** A network of the same nodes with some components changed. */
  withComponents(change: (component: Component, name: string) => Component): Network {
    return new Network(this.nodes, new Map(Array.from(this.components, ([name, c]) => [name, change(c, name)])));
  }

  /** The same network with all statistics (batch norm, nonlinearities) at zero. */
  withoutStatistics(): Network {
    return this.withComponents((c) => c.withoutStatistics());
  }

  /** Least common multiple of all periods in time: shifting input and output by it changes nothing. */
  get modulus(): number {
    return (this.period ??= networkModulus(this));
  }

  /** Frames before the first output that a chunk brings along, as nnet3-info prints it. */
  get leftContext(): number {
    return (this.contexts ??= kaldiContexts(this)).left;
  }

  /** Frames after the last output, as nnet3-info prints it. */
  get rightContext(): number {
    return (this.contexts ??= kaldiContexts(this)).right;
  }

  get parameterCount(): number {
    let count = 0;
    for (const c of this.components.values()) if (c instanceof UpdatableComponent) count += c.parameterCount;
    return count;
  }

  /** Puts the parameters on an engine. */
  load(engine: Engine): Model {
    return new Model(this, engine);
  }

  /** The node lines of its config, as Kaldi writes them. */
  nodeLines(): string[] {
    return this.nodes.map(nodeLine);
  }
}

export function nodeLine(node: NetworkNode): string {
  switch (node.kind) {
    case 'input':
      return `input-node name=${node.name} dim=${node.dim}`;
    case 'component':
      return `component-node name=${node.name} component=${node.component} input=${descriptorText(node.input)}`;
    case 'dim-range':
      return `dim-range-node name=${node.name} input-node=${node.of} dim-offset=${node.offset} dim=${node.dim}`;
    case 'output':
      return `output-node name=${node.name} input=${descriptorText(node.input)} objective=${node.objective}`;
  }
}
