import { Computability } from '../computability.js';
import type { Descriptor, SumDescriptor } from '../descriptor.js';
import { NetworkError } from '../errors.js';
import { type Index, index, indexText, sortedIndexes } from '../indexes.js';
import type { Network } from '../network.js';
import type { ComponentNode } from '../network-node.js';
import type { ComputationRequest, FrameRange } from '../request.js';
import { positionsOf, rowMap } from '../row-map.js';
import { UpdatableComponent } from '../component.js';
import { demand, descriptorIndexes, visitSources } from './demand.js';
import { jointNodes } from './joint-nodes.js';
import { nodeGroups } from './order.js';
import {
  type Gather,
  type Leaf,
  type Part,
  type Plan,
  type ProjectStep,
  readSlots,
  type Slot,
  slotsOf,
  type Step,
} from './plan.js';
import { cycleSteps } from './recurrence.js';

/** What goes from one chunk of a stream to the next: rows of nodes. */
export interface Carry {
  /** Rows at hand from before. */
  readonly carried: ReadonlyMap<string, readonly Index[]>;
  /** Rows to hold for later, out of those carried and computed. */
  readonly keep: ReadonlyMap<string, readonly Index[]>;
}

const noCarry: Carry = { carried: new Map(), keep: new Map() };

export const rangeIndexes = ({ first, count, stride }: FrameRange): Index[] =>
  Array.from({ length: count }, (_, i) => index(first + i * stride));

/** Turns a request into steps. */
export function makePlan(network: Network, request: ComputationRequest, carry: Carry = noCarry): Plan {
  return new Planner(network, request, carry).plan();
}

/** Who has which rows at the start of a request. */
export function givenRows(request: ComputationRequest, carry: Carry): (node: string, at: Index) => boolean {
  const sets = new Map<string, Set<Index>>();
  for (const input of request.inputs) sets.set(input.name, new Set(rangeIndexes(input)));
  for (const [node, indexes] of carry.carried) sets.set(node, new Set([...(sets.get(node) ?? []), ...indexes]));
  return (node, at) => sets.get(node)?.has(at) ?? false;
}

/** First and last time in a request. */
export function timeSpan(request: ComputationRequest): { first: number; last: number } {
  const ranges = [...request.inputs, ...request.outputs].filter((r) => r.count > 0);
  return {
    first: Math.min(0, ...ranges.map((r) => r.first)),
    last: Math.max(0, ...ranges.map((r) => r.first + (r.count - 1) * r.stride)),
  };
}

/** Where nodes that read the same find what affines make of their inputs from outside a cycle. */
interface Project {
  readonly nodes: readonly string[];
  readonly slot: Slot;
  readonly layout: ProjectStep['layout'];
}

class Planner {
  private readonly slots: Slot[] = [];
  private readonly steps: Step[] = [];
  /** The slots that hold rows of a node: one, or inside a cycle several. */
  private readonly holders = new Map<string, Slot[]>();
  /** Where each row of a node is. */
  private readonly places = new Map<string, Map<Index, readonly [slot: Slot, position: number]>>();
  /** The first column of a node in slots that it shares with others. */
  private readonly firstColumns = new Map<string, number>();
  private readonly given: (node: string, at: Index) => boolean;
  private readonly computable: Computability;

  constructor(
    private readonly network: Network,
    private readonly request: ComputationRequest,
    private readonly carry: Carry,
  ) {
    for (const input of request.inputs) network.inputDim(input.name);
    for (const output of request.outputs) network.outputDim(output.name);
    this.given = givenRows(request, carry);
    this.computable = new Computability(network, this.given, timeSpan(request));
  }

  plan(): Plan {
    const { network, request, carry } = this;
    const wanted = new Map<string, readonly Index[]>();
    for (const output of request.outputs) wanted.set(output.name, this.checked(output.name, rangeIndexes(output)));
    for (const [node, indexes] of carry.keep) wanted.set(node, indexes);
    const groups = nodeGroups(network, [...wanted.keys()]);
    const needed = demand(network, groups, wanted, this.computable, this.given);

    const inputs = new Map<string, number>();
    const carried = new Map<string, number>();
    for (const [node, indexes] of carry.carried)
      if (indexes.length) carried.set(node, this.holder(node, indexes, wantsInput(request, node)).id);
    for (const input of request.inputs)
      inputs.set(input.name, this.holder(input.name, rangeIndexes(input), wantsInput(request, input.name)).id);
    for (const [node, slots] of this.holders)
      if (slots.length > 1) this.merge(node, sortedIndexes(slots.flatMap((s) => [...s.indexes])));

    for (const group of groups) {
      if (group.recurrent) this.cycle(group.nodes, needed);
      else this.single(group.nodes[0]!, needed.get(group.nodes[0]!) ?? []);
    }
    const kept = new Map<string, Leaf>();
    for (const [node, indexes] of carry.keep) {
      if (!indexes.length) continue;
      const holder = this.holders.get(node)![0]!;
      kept.set(node, {
        slot: holder.id,
        map: rowMap(positionsOf(indexes, holder.indexes), holder.indexes.length),
        scale: 1,
      });
    }
    const { slots } = this;
    const steps = withoutUnread(this.steps, kept);
    const inputDerivatives = request.inputDerivatives ?? [];
    return { sequences: request.sequences, slots, steps, inputs, carried, kept, inputDerivatives };
  }

  /** Throws unless all rows of an output can be computed. */
  private checked(name: string, indexes: readonly Index[]): readonly Index[] {
    const missing = indexes.find((at) => !this.computable.node(name, at));
    if (missing === undefined) return indexes;
    const have = this.request.inputs.map(
      (i) => `${i.name} from t=${i.first} to t=${i.first + (i.count - 1) * i.stride}`,
    );
    throw new NetworkError(
      'ERR_NOT_COMPUTABLE',
      `expected inputs that ${indexText(missing)} can be computed from, found ${have.join(', ') || 'none'}`,
      { name },
    );
  }

  private slot(node: string, indexes: readonly Index[], wantsDerivative: boolean, cols?: number): Slot {
    const slot: Slot = {
      id: this.slots.length,
      node,
      indexes,
      cols: cols ?? this.network.nodeDim(node),
      wantsDerivative,
    };
    this.slots.push(slot);
    return slot;
  }

  /** A slot that holds rows of nodes side by side. */
  private jointSlot(nodes: readonly string[], indexes: readonly Index[]): Slot {
    let cols = 0;
    for (const node of nodes) {
      if (nodes.length > 1) this.firstColumns.set(node, cols);
      cols += this.network.nodeDim(node);
    }
    return this.slot(nodes.join(' '), indexes, true, cols);
  }

  /** A slot that holds rows of a node for its readers. */
  private holder(node: string, indexes: readonly Index[], wantsDerivative: boolean): Slot {
    const slot = this.slot(node, indexes, wantsDerivative);
    const holders = this.holders.get(node);
    if (holders) holders.push(slot);
    else this.holders.set(node, [slot]);
    this.place(node, slot);
    return slot;
  }

  private place(node: string, slot: Slot): void {
    let places = this.places.get(node);
    if (!places) this.places.set(node, (places = new Map()));
    slot.indexes.forEach((at, i) => places.set(at, [slot, i]));
  }

  private wants(gather: Gather): boolean {
    for (const slot of slotsOf(gather)) if (this.slots[slot]!.wantsDerivative) return true;
    return false;
  }

  private single(name: string, needed: readonly Index[]): void {
    const node = this.network.node(name);
    if (node.kind === 'output') {
      this.steps.push({ kind: 'output', name, input: this.gather(node.input, needed) });
    } else if (node.kind === 'component') {
      const computed = needed.filter((at) => !this.given(name, at));
      if (computed.length) this.component(name, computed);
      const all = this.holders.get(name);
      if (all && all.length > 1) this.merge(name, sortedIndexes(all.flatMap((s) => [...s.indexes])));
    }
  }

  private component(name: string, outputs: readonly Index[]): void {
    const node = this.network.node(name);
    if (node.kind !== 'component') return;
    const inputs = descriptorIndexes(this.network, name, outputs, this.computable);
    const input = this.gather(node.input, inputs);
    const component = this.network.component(node.component);
    const wants = component instanceof UpdatableComponent || this.wants(input);
    const output = this.holder(name, outputs, wants).id;
    const rows = { inputs, outputs, sequences: this.request.sequences };
    this.steps.push({ kind: 'component', component: node.component, input, output, rows });
  }

  /** Joins the slots that hold rows of a node into one. */
  private merge(node: string, indexes: readonly Index[]): void {
    const parts = this.holders.get(node)!;
    if (parts.length === 1 && parts[0]!.indexes.length === indexes.length) return;
    // In order of time they often stand as they should, whichever direction they were made in.
    const sorted = [...parts].sort((a, b) => a.indexes[0]! - b.indexes[0]!);
    const joined = sorted.flatMap((s) => [...s.indexes]);
    const map = rowMap(positionsOf(indexes, joined), joined.length);
    this.holders.delete(node);
    const wants = parts.some((s) => s.wantsDerivative);
    const output = this.holder(node, indexes, wants).id;
    this.steps.push({ kind: 'merge', inputs: sorted.map((s) => s.id), map, output });
  }

  private cycle(nodes: readonly string[], needed: ReadonlyMap<string, Index[]>): void {
    const { network } = this;
    const inside = new Set(nodes);
    const steps = cycleSteps(network, nodes, needed, this.computable, this.given);
    const projects = new Map<string, Project>();
    const computed = (name: string): Index[] => (needed.get(name) ?? []).filter((at) => !this.given(name, at));
    const apart = (name: string): boolean => this.carry.keep.has(name) || this.carry.carried.has(name);
    for (const group of jointNodes(network, nodes, apart)) {
      const indexes = computed(group[0]!);
      const together = group.every((name) => String(computed(name)) === String(indexes));
      for (const names of together ? [group] : group.map((name) => [name])) {
        const project = this.project(names, inside, computed(names[0]!));
        if (project) for (const name of names) projects.set(name, project);
      }
    }
    for (const { node: name, indexes } of steps) {
      const node = network.node(name);
      if (node.kind !== 'component') continue;
      const project = projects.get(name);
      if (!project) {
        this.component(name, indexes);
        continue;
      }
      // Rows of nodes that read the same are computed with those of the first.
      if (project.nodes[0] !== name) continue;
      const parts = node.input.filter((_, i) => !project.layout[i]!.outside);
      const input = this.gather(parts, indexes);
      const map = rowMap(positionsOf(indexes, project.slot.indexes), project.slot.indexes.length);
      const projected: Leaf = { slot: project.slot.id, map, scale: 1 };
      const joint = project.nodes.length > 1;
      const slot = joint ? this.jointSlot(project.nodes, indexes) : this.holder(name, indexes, true);
      if (joint) for (const other of project.nodes) this.place(other, slot);
      this.steps.push({ kind: 'recur', projected, input, output: slot.id });
    }
    for (const name of nodes) {
      const holders = this.holders.get(name);
      if (holders) this.merge(name, sortedIndexes(holders.flatMap((s) => [...s.indexes])));
    }
  }

  /** Plans the product with the inputs from outside the cycle, where nodes that read the same are affines that have such. */
  private project(
    nodes: readonly string[],
    inside: ReadonlySet<string>,
    indexes: readonly Index[],
  ): Project | undefined {
    const node = this.network.node(nodes[0]!);
    if (node.kind !== 'component' || !this.network.component(node.component).affine || indexes.length === 0)
      return undefined;
    const base = (n: string): string => {
      const of = this.network.node(n);
      return of.kind === 'dim-range' ? of.of : n;
    };
    const outside = (part: SumDescriptor): boolean => {
      let all = true;
      for (const at of indexes)
        visitSources(part, at, this.computable, (s) => {
          if (inside.has(s.node) || inside.has(base(s.node))) all = false;
        });
      return all;
    };
    const layout = node.input.map((part) => ({ outside: outside(part), dim: this.network.partDim(part) }));
    if (!layout.some((l) => l.outside)) return undefined;
    const input = this.gather(
      node.input.filter((_, i) => layout[i]!.outside),
      indexes,
    );
    const slot = this.jointSlot(nodes, indexes);
    const components = nodes.map((name) => (this.network.node(name) as ComponentNode).component);
    this.steps.push({ kind: 'project', components, input, output: slot.id, layout });
    return { nodes, slot, layout };
  }

  private gather(d: Descriptor, indexes: readonly Index[]): Gather {
    return { blocks: indexes.length, parts: d.map((part) => this.part(part, indexes)) };
  }

  private part(d: SumDescriptor, indexes: readonly Index[]): Part {
    const terms = new Map<string, { node: string; scale: number; at: (Index | undefined)[] }>();
    const constants = new Map<string, { value: number; blocks: Float32Array }>();
    indexes.forEach((at, i) =>
      visitSources(
        d,
        at,
        this.computable,
        ({ node, scale, index: source }, position) => {
          const key = `${position} ${node} ${scale}`;
          let term = terms.get(key);
          if (!term) terms.set(key, (term = { node, scale, at: Array.from({ length: indexes.length }) }));
          term.at[i] = source;
        },
        (value, position) => {
          const key = `${position} ${value}`;
          let found = constants.get(key);
          if (!found) constants.set(key, (found = { value, blocks: new Float32Array(indexes.length) }));
          found.blocks[i] = 1;
        },
      ),
    );
    return {
      dim: this.network.partDim(d),
      leaves: [...terms.values()].flatMap(({ node, scale, at }) => this.leaves(node, scale, at)),
      constants: Array.from(constants.values(), ({ value, blocks }) =>
        blocks.every((b) => b === 1) ? { value } : { value, blocks },
      ),
    };
  }

  /** Where the rows of a source are: in one slot, or inside a cycle in several. */
  private leaves(name: string, scale: number, at: readonly (Index | undefined)[]): Leaf[] {
    const node = this.network.node(name);
    const range = node.kind === 'dim-range' ? node : undefined;
    const base = range ? range.of : name;
    const start = this.firstColumns.get(base);
    const dim = this.network.nodeDim(base);
    const part = start !== undefined || (range && range.dim !== dim);
    const cols = part ? { start: (start ?? 0) + (range?.offset ?? 0), count: range?.dim ?? dim } : undefined;
    const places = this.places.get(base);
    const positions = new Map<Slot, Int32Array>();
    at.forEach((source, i) => {
      const place = source === undefined ? undefined : places?.get(source);
      if (!place) return;
      let list = positions.get(place[0]);
      if (!list) positions.set(place[0], (list = new Int32Array(at.length).fill(-1)));
      list[i] = place[1];
    });
    return Array.from(positions, ([slot, list]) => ({
      slot: slot.id,
      map: rowMap(list, slot.indexes.length),
      scale,
      cols,
    }));
  }
}

/** Without the merges that nobody reads: of a cycle's nodes most have readers inside it alone, which read the parts. */
function withoutUnread(steps: readonly Step[], kept: ReadonlyMap<string, Leaf>): Step[] {
  const read = new Set(Array.from(kept.values(), (leaf) => leaf.slot));
  const wanted: Step[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    if (step.kind === 'merge' && !read.has(step.output)) continue;
    for (const slot of readSlots(step)) read.add(slot);
    wanted.push(step);
  }
  return wanted.reverse();
}

const wantsInput = (request: ComputationRequest, name: string): boolean =>
  request.inputDerivatives?.includes(name) ?? false;
