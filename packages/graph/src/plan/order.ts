import { visitNodes } from '../descriptor.js';
import type { Network } from '../network.js';

/** The nodes that a node reads. */
export function nodeSources(network: Network, name: string): string[] {
  const node = network.node(name);
  if (node.kind === 'dim-range') return [node.of];
  if (!('input' in node)) return [];
  const found = new Set<string>();
  visitNodes(node.input, (source) => found.add(source));
  return [...found];
}

export interface NodeGroup {
  readonly nodes: readonly string[];
  readonly recurrent: boolean;
}

/**
 * The nodes that `outputs` depend on, in groups: sources before their readers, and nodes of one cycle together
 * (Tarjan, 1972; without recursion, for deep networks).
 */
export function nodeGroups(network: Network, outputs: readonly string[]): NodeGroup[] {
  const groups: NodeGroup[] = [];
  const number = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  for (const root of outputs) {
    if (number.has(root)) continue;
    const work: { name: string; sources: string[]; next: number }[] = [];
    const enter = (name: string): void => {
      number.set(name, number.size);
      low.set(name, number.get(name)!);
      stack.push(name);
      onStack.add(name);
      work.push({ name, sources: nodeSources(network, name), next: 0 });
    };
    enter(root);
    while (work.length) {
      const frame = work[work.length - 1]!;
      const { name, sources } = frame;
      if (frame.next < sources.length) {
        const source = sources[frame.next++]!;
        if (!number.has(source)) enter(source);
        else if (onStack.has(source)) low.set(name, Math.min(low.get(name)!, number.get(source)!));
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent) low.set(parent.name, Math.min(low.get(parent.name)!, low.get(name)!));
      if (low.get(name) !== number.get(name)) continue;
      const nodes = stack.splice(stack.indexOf(name));
      for (const n of nodes) onStack.delete(n);
      groups.push({ nodes, recurrent: nodes.length > 1 || sources.includes(name) });
    }
  }
  return groups;
}
