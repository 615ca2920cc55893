import { ConfigLine, configLines, isName } from './config-line.js';
import type { Component } from './component.js';
import { NetworkError } from './errors.js';
import type { NetworkNode } from './network-node.js';
import { parseDescriptor } from './parse-descriptor.js';
import { hashText, mixSeed, Random } from './random.js';
import { componentType } from './registry.js';

export interface ConfigOptions {
  /** Seed of the random parameters. Each component's draws depend on it and on the component's name alone. */
  readonly seed?: number;
  /** Gives the bytes of files that the config names (`matrix=lda.mat`). Without it such a config is refused. */
  readonly file?: (path: string) => Uint8Array;
}

interface Parts {
  readonly nodes: readonly NetworkNode[];
  readonly components: ReadonlyMap<string, Component>;
}

const noFiles = (path: string): never => {
  throw new NetworkError('ERR_NETWORK_CONFIG', `expected a way to read files (option file) for '${path}', found none`);
};

/** Reads config text; what it holds replaces nodes and components of the same names in `base`. */
export function buildNetwork(text: string, options: ConfigOptions, base?: Parts): Parts {
  const components = new Map<string, Component>();
  const nodes = new Map<string, NetworkNode>();
  for (const line of configLines(text)) {
    const name = line.string('name');
    if (!isName(name)) line.fail(`expected a name of letters, digits, _, - and ., found '${name}'`);
    if (line.directive === 'component') {
      if (components.has(name)) line.fail(`expected one component called ${name}, found a second`);
      components.set(name, configuredComponent(line, name, options));
    } else {
      if (nodes.has(name)) line.fail(`expected one node called ${name}, found a second`);
      nodes.set(name, readNode(line, name));
    }
    line.end();
  }
  const kept = base?.nodes.filter((n) => !nodes.has(n.name)) ?? [];
  return { nodes: [...kept, ...nodes.values()], components: new Map([...(base?.components ?? []), ...components]) };
}

/** Makes a component of a config line (its `type`, and all the keys of that type). */
export function configuredComponent(config: ConfigLine, name: string, options: ConfigOptions): Component {
  const Type = componentType(config.string('type'), { line: config.line, name });
  const component = new Type();
  const random = new Random(mixSeed(options.seed ?? 0, hashText(name)));
  component.configure({ config, random, file: options.file ?? noFiles });
  return component;
}

/** Reads a node line of a config or of a model file. */
export function readNode(line: ConfigLine, name: string): NetworkNode {
  const descriptor = () => parseDescriptor(line.string('input'), (message) => line.fail(message));
  switch (line.directive) {
    case 'input-node':
      return { kind: 'input', name, dim: line.positive('dim') };
    case 'component-node':
      return { kind: 'component', name, component: line.string('component'), input: descriptor() };
    case 'output-node': {
      const input = descriptor();
      const objective = line.string('objective', 'linear');
      if (objective !== 'linear' && objective !== 'quadratic')
        return line.fail(`expected objective=linear or quadratic, found '${objective}'`);
      return { kind: 'output', name, input, objective };
    }
    case 'dim-range-node': {
      const of = line.string('input-node');
      const offset = line.int('dim-offset');
      if (offset < 0) line.fail(`expected dim-offset of at least 0, found ${offset}`);
      return { kind: 'dim-range', name, of, offset, dim: line.positive('dim') };
    }
    default:
      return line.fail(
        `expected component, component-node, input-node, output-node or dim-range-node, found '${line.directive}'`,
      );
  }
}
