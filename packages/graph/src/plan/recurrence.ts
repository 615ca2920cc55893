import type { Computability } from '../computability.js';
import { NetworkError } from '../errors.js';
import { type Index, indexText, sortedIndexes } from '../indexes.js';
import type { Network } from '../network.js';
import { descriptorIndexes, visitSources } from './demand.js';

/** Rows of one node of a cycle that are computed together. */
export interface CycleStep {
  readonly node: string;
  readonly indexes: readonly Index[];
}

/**
 * Orders the rows of a cycle: each step holds all rows of a node that can be computed at once. With a delay of d
 * frames these are d frames together, which is how a recurrence of delay d runs as d interleaved sequences; mixed
 * delays and both directions come out of the same rule.
 */
export function cycleSteps(
  network: Network,
  nodes: readonly string[],
  needed: ReadonlyMap<string, readonly Index[]>,
  computable: Computability,
  given: (node: string, at: Index) => boolean,
): CycleStep[] {
  const inside = new Set(nodes);
  const ids = new Map<string, Map<Index, number>>();
  const rows: { node: string; at: Index; waiting: number; readers: number[]; level: number }[] = [];
  for (const node of nodes) {
    const own = new Map<Index, number>();
    ids.set(node, own);
    for (const at of needed.get(node) ?? [])
      if (!given(node, at)) own.set(at, rows.push({ node, at, waiting: 0, readers: [], level: 0 }) - 1);
  }
  rows.forEach((row, id) => {
    const depend = (node: string, at: Index): void => {
      const source = inside.has(node) ? ids.get(node)!.get(at) : undefined;
      if (source === undefined) return;
      rows[source]!.readers.push(id);
      row.waiting++;
    };
    const node = network.node(row.node);
    if (node.kind === 'dim-range') depend(node.of, row.at);
    if (!('input' in node)) return;
    for (const at of descriptorIndexes(network, row.node, [row.at], computable))
      for (const part of node.input) visitSources(part, at, computable, (s) => depend(s.node, s.index));
  });

  const steps: CycleStep[] = [];
  let ready = rows.filter((r) => r.waiting === 0);
  let done = 0;
  while (ready.length) {
    const together = new Map<string, Index[]>();
    const next: typeof ready = [];
    for (const row of ready) {
      done++;
      const list = together.get(row.node);
      if (list) list.push(row.at);
      else together.set(row.node, [row.at]);
      for (const reader of row.readers) if (--rows[reader]!.waiting === 0) next.push(rows[reader]!);
    }
    for (const [node, indexes] of together) steps.push({ node, indexes: sortedIndexes(indexes) });
    ready = next;
  }
  if (done < rows.length) {
    const stuck = rows.find((r) => r.waiting > 0)!;
    throw new NetworkError(
      'ERR_NETWORK_CYCLE',
      `expected every cycle to move in time, found ${indexText(stuck.at)} waiting for itself`,
      {
        name: stuck.node,
      },
    );
  }
  return steps;
}
