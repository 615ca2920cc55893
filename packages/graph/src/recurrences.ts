import type { SumDescriptor } from './descriptor.js';
import type { Network } from './network.js';
import { nodeGroups } from './plan/order.js';

/** The recurrences that outputs depend on. */
export interface Recurrences {
  /** A node whose rows depend on later rows of its own, as in a bidirectional network; undefined where there is none. */
  readonly ahead: string | undefined;
  /** Frames of the longest offset within a recurrence; 0 where there is none. */
  readonly longest: number;
}

export function recurrences(network: Network, outputs: readonly string[]): Recurrences {
  let longest = 0;
  for (const { nodes, recurrent } of nodeGroups(network, outputs)) {
    if (!recurrent) continue;
    // How far ahead of a row the paths of so many steps reach: without end, where a round trip leads ahead.
    const reach = new Map(nodes.map((name) => [name, 0]));
    for (let steps = 0; steps <= nodes.length; steps++) {
      let ahead: string | undefined;
      const edge = (from: string, source: string, t: number): void => {
        const known = reach.get(source);
        if (known !== undefined) longest = Math.max(longest, Math.abs(t));
        if (known === undefined || known + t <= reach.get(from)!) return;
        reach.set(from, known + t);
        ahead = from;
      };
      for (const name of nodes) {
        const node = network.node(name);
        if (node.kind === 'dim-range') edge(name, node.of, 0);
        if ('input' in node) for (const part of node.input) visitEdges(part, 0, (source, t) => edge(name, source, t));
      }
      if (ahead === undefined) break;
      if (steps === nodes.length) return { ahead, longest };
    }
  }
  return { ahead: undefined, longest };
}

function visitEdges(d: SumDescriptor, t: number, visit: (source: string, t: number) => void): void {
  switch (d.kind) {
    case 'node':
      return visit(d.node, t);
    case 'offset':
      return visitEdges(d.of, t + d.t, visit);
    case 'switch':
      for (const of of d.of) visitEdges(of, t, visit);
      return;
    case 'sum':
    case 'failover':
      visitEdges(d.a, t, visit);
      return visitEdges(d.b, t, visit);
    case 'const':
      return;
    default:
      return visitEdges(d.of, t, visit);
  }
}
