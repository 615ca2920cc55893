import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { ConfigLine } from './config-line.js';
import { type Component, dimError } from './component.js';
import { readComponent, writeComponent } from './component-file.js';
import { NetworkError } from './errors.js';
import { readNode } from './network-config.js';
import type { Network } from './network.js';
import type { NetworkNode } from './network-node.js';

/** Reads from `<Nnet3>` to `</Nnet3>`: node lines, a blank line, then the components. */
export function readNetwork(input: KaldiInput): {
  nodes: NetworkNode[];
  components: Map<string, Component>;
} {
  input.expectToken('<Nnet3>');
  const nodes: NetworkNode[] = [];
  const names = new Set<string>();
  // The token takes one white space with it; more of the line may follow.
  let first = true;
  for (;;) {
    const start = input.offset;
    const text = input.readLine();
    if (text.trim() === '') {
      if (!first) break;
      first = false;
      continue;
    }
    first = false;
    try {
      const line = new ConfigLine(text);
      const name = line.string('name');
      if (names.has(name)) line.fail('expected each name once, found it twice');
      names.add(name);
      nodes.push(readNode(line, name));
      line.end();
    } catch (error) {
      if (error instanceof NetworkError) return input.fail('a node line', error.message, start);
      throw error;
    }
  }
  input.expectToken('<NumComponents>');
  const count = input.readCount('a number of components');
  const components = new Map<string, Component>();
  for (let i = 0; i < count; i++) {
    input.expectToken('<ComponentName>');
    const name = input.readToken();
    if (components.has(name)) input.fail('component names that differ', `a second '${name}'`);
    components.set(name, readComponent(input));
  }
  input.expectToken('</Nnet3>');
  if (components.size === 0 && nodes.length === 0) dimError('network', 'nodes', 'none');
  return { nodes, components };
}

export function writeNetwork(network: Network, output: KaldiOutput): void {
  const newline = (): void => {
    if (!output.binary) output.writeNewline();
  };
  output.writeToken('<Nnet3>');
  output.writeNewline();
  for (const line of network.nodeLines()) output.writeText(`${line}\n`);
  output.writeNewline();
  output.writeToken('<NumComponents>');
  output.writeInt32(network.components.size);
  newline();
  for (const [name, component] of network.components) {
    output.writeToken('<ComponentName>');
    output.writeToken(name);
    writeComponent(component, output);
    newline();
  }
  output.writeToken('</Nnet3>');
}
