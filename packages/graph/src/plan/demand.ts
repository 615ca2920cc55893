import type { Computability } from '../computability.js';
import { isForwarding, type SumDescriptor } from '../descriptor.js';
import { type Source, sourceOf } from '../forwarding.js';
import { type Index, sortedIndexes } from '../indexes.js';
import type { Network } from '../network.js';
import type { NodeGroup } from './order.js';

/**
 * Calls `visit` on each source that a sum reads at an index. `position` numbers the terms: alternatives of Switch
 * and Failover share one.
 */
export function visitSources(
  d: SumDescriptor,
  at: Index,
  computable: Computability,
  visit: (source: Source, position: number) => void,
  constant: (value: number, position: number) => void = () => {},
  position = 1,
): void {
  if (isForwarding(d)) return visit(sourceOf(d, at), position);
  switch (d.kind) {
    case 'sum':
      visitSources(d.a, at, computable, visit, constant, 2 * position);
      return visitSources(d.b, at, computable, visit, constant, 2 * position + 1);
    case 'failover':
      return visitSources(computable.sum(d.a, at) ? d.a : d.b, at, computable, visit, constant, position);
    case 'ifDefined':
      if (computable.sum(d.of, at)) visitSources(d.of, at, computable, visit, constant, position);
      return;
    case 'const':
      return constant(d.value, position);
  }
}

/** The indexes at which a node's descriptor is read, to compute its outputs. */
export function descriptorIndexes(
  network: Network,
  name: string,
  outputs: readonly Index[],
  computable: Computability,
): readonly Index[] {
  const node = network.node(name);
  if (node.kind !== 'component') return outputs;
  const component = network.component(node.component);
  if (component.simple) return outputs;
  const used = new Set<Index>();
  for (const at of outputs)
    for (const i of component.usedIndexes(at, (input) => computable.descriptor(node.input, input)) ?? []) used.add(i);
  return sortedIndexes(used);
}

/**
 * Which rows of each node are needed for the outputs asked for.
 *
 * @param given rows that are at hand and need no computing
 */
export function demand(
  network: Network,
  groups: readonly NodeGroup[],
  wanted: ReadonlyMap<string, readonly Index[]>,
  computable: Computability,
  given: (node: string, at: Index) => boolean,
): Map<string, Index[]> {
  const needed = new Map<string, Set<Index>>();
  const need = (name: string): Set<Index> => {
    let set = needed.get(name);
    if (!set) needed.set(name, (set = new Set()));
    return set;
  };
  for (const [name, indexes] of wanted) for (const at of indexes) need(name).add(at);

  const expand = (name: string, outputs: readonly Index[], found: (node: string, at: Index) => void): void => {
    const node = network.node(name);
    const computed = outputs.filter((at) => !given(name, at));
    if (node.kind === 'dim-range') for (const at of computed) found(node.of, at);
    if (!('input' in node)) return;
    for (const at of descriptorIndexes(network, name, computed, computable))
      for (const part of node.input) visitSources(part, at, computable, (source) => found(source.node, source.index));
  };

  for (const group of [...groups].reverse()) {
    if (!group.recurrent) {
      const name = group.nodes[0]!;
      expand(name, [...need(name)], (node, at) => need(node).add(at));
      continue;
    }
    const inside = new Set(group.nodes);
    const work: [string, Index][] = group.nodes.flatMap((n) => [...need(n)].map((at): [string, Index] => [n, at]));
    for (let next = work.pop(); next; next = work.pop())
      expand(next[0], [next[1]], (node, at) => {
        const set = need(node);
        if (set.has(at)) return;
        set.add(at);
        if (inside.has(node)) work.push([node, at]);
      });
  }
  return new Map(Array.from(needed, ([name, set]) => [name, sortedIndexes(set)]));
}
