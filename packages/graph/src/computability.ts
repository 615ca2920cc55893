import { type Descriptor, isForwarding, type SumDescriptor } from './descriptor.js';
import { sourceOf } from './forwarding.js';
import { type Index, index } from './indexes.js';
import type { Network } from './network.js';

/** Steps back in time that a recurrence which never meets an input is followed for. */
const reach = 1000;

/**
 * Which rows of which nodes can be computed from the inputs given: all their sources must be, but for those that
 * IfDefined and Failover excuse and those that a component can do without (nnet-computation-graph.cc).
 */
export class Computability {
  private readonly known = new Map<string, Map<Index, boolean>>();
  private readonly low: Index;
  private readonly high: Index;

  /** @param given whether a row is at hand: an input's, or one computed before */
  constructor(
    private readonly network: Network,
    private readonly given: (node: string, at: Index) => boolean,
    { first, last }: { first: number; last: number },
  ) {
    this.low = index(first - reach);
    this.high = index(last + reach);
  }

  node(name: string, at: Index): boolean {
    let known = this.known.get(name);
    if (!known) this.known.set(name, (known = new Map()));
    const found = known.get(at);
    if (found !== undefined) return found;
    // While it is looked into, a row does not help itself.
    known.set(at, false);
    const result = this.given(name, at) || (at > this.low && at < this.high && this.derive(name, at));
    known.set(at, result);
    return result;
  }

  private derive(name: string, at: Index): boolean {
    const node = this.network.node(name);
    switch (node.kind) {
      case 'input':
        return false;
      case 'dim-range':
        return this.node(node.of, at);
      case 'output':
        return this.descriptor(node.input, at);
      case 'component': {
        const component = this.network.component(node.component);
        if (component.simple) return this.descriptor(node.input, at);
        return component.usedIndexes(at, (i) => this.descriptor(node.input, i)) !== undefined;
      }
    }
  }

  descriptor(d: Descriptor, at: Index): boolean {
    return d.every((part) => this.sum(part, at));
  }

  sum(d: SumDescriptor, at: Index): boolean {
    if (isForwarding(d)) {
      const source = sourceOf(d, at);
      return this.node(source.node, source.index);
    }
    switch (d.kind) {
      case 'sum':
        return this.sum(d.a, at) && this.sum(d.b, at);
      case 'failover':
        return this.sum(d.a, at) || this.sum(d.b, at);
      default:
        return true;
    }
  }
}
