import { type CompactLattice, CompactLatticeBuilder, type Lattice } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';
import { latticeOrder } from './lattice-order.js';
import { PriorityQueue } from './priority-queue.js';
import { StringTrie } from './string-trie.js';

export interface DeterminizePrunedOptions {
  /** Paths that cost more than the best by this are dropped. */
  readonly beam: number;
  /** Most arcs of the result: beyond it the worst paths are left out. Default five million. */
  readonly maxArcs?: number | undefined;
  /**
   * Memory that may be used, roughly in bytes as Kaldi counts them: 32 for each string and arc, 24 for each element of a
   * subset. Where that is too little the worst paths are left out. Default 50 million, 0: no limit.
   */
  readonly maxMem?: number | undefined;
  /**
   * Below this share of the beam a result that a limit has cut short is thrown away, the lattice is pruned to a narrower
   * beam, and determinized again, up to ten times. Default 0.5.
   */
  readonly retryCutoff?: number | undefined;
  /** Told the beam that was reached where that is less than `beam`. */
  readonly onNarrowed?: ((beam: number) => void) | undefined;
  /** Costs closer than this are taken as equal when subsets are compared. */
  readonly delta?: number | undefined;
}

/** A state of the input with what the path to it has said and cost beyond the output state. */
interface Element {
  readonly state: number;
  readonly string: number;
  readonly graph: number;
  readonly acoustic: number;
}

/**
 * Determinises a state-level lattice on its words within a beam: for each word sequence the best path alone remains,
 * its transition ids as strings (DeterminizeLatticePruned, lat/determinize-lattice-pruned.cc; D. Povey and others,
 * "Generating exact lattices in the WFST framework", 2012). Output states are made best first, so that a limit on
 * size drops the worst paths.
 *
 * @param lattice acoustic costs scaled as they were searched with
 * @throws DecodeError for a lattice with a cycle
 */
export function determinizePruned(lattice: Lattice, options: DeterminizePrunedOptions): CompactLattice {
  const { retryCutoff = 0.5, onNarrowed } = options;
  let { beam } = options;
  for (let round = 1; ; round++) {
    const { result, reached } = new Determinizer(lattice, { ...options, beam }, round > 1).run();
    if (reached >= beam * retryCutoff || beam === Infinity || round === mostRounds) {
      if (Math.min(reached, beam) < options.beam) onNarrowed?.(Math.min(reached, beam));
      return connectCompact(result);
    }
    // Less where far less was reached, yet never by more than half.
    beam *= Math.max(0.5, Math.sqrt(Math.max(0, reached) / beam));
  }
}

const mostRounds = 10;

/** As Kaldi counts memory. */
const [bytesOfString, bytesOfArc, bytesOfElement] = [32, 32, 24];

class Determinizer {
  private readonly strings = new StringTrie();
  private readonly out = new CompactLatticeBuilder();
  /** Output states by their elements' states and strings; those told apart by costs stand in one list. */
  private readonly subsets = new Map<string, { id: number; costs: number[] }[]>();
  /** Cost of the best path from the start to each output state. */
  private readonly forward: number[] = [];
  private readonly tasks: { from: number; label: number; elements: Element[] }[] = [];
  private readonly queue = new PriorityQueue();
  /** Position of each input state in topological order. */
  private readonly position: Int32Array;
  /** Cost of the best path from each input state to the end. */
  private readonly backward: Float64Array;
  private cutoff = Infinity;
  /** Elements of all output states. */
  private elements = 0;

  /** By arc: 0 where no path within the beam goes; undefined where all are followed. */
  private readonly followed: Uint8Array | undefined;

  /** @param prune leave out at once the arcs that no path within the beam passes */
  constructor(
    private readonly lattice: Lattice,
    private readonly options: DeterminizePrunedOptions,
    prune: boolean,
  ) {
    const order = latticeOrder(lattice);
    this.position = new Int32Array(lattice.numStates).fill(-1);
    order.forEach((s, i) => (this.position[s] = i));
    this.backward = new Float64Array(lattice.numStates).fill(Infinity);
    for (let i = order.length - 1; i >= 0; i--) {
      const s = order[i]!;
      let best = lattice.finalGraphCost[s]! + lattice.finalAcousticCost[s]!;
      for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++)
        best = Math.min(best, lattice.graphCost[a]! + lattice.acousticCost[a]! + this.backward[lattice.nextState[a]!]!);
      this.backward[s] = best;
    }
    if (lattice.start >= 0) this.cutoff = this.backward[lattice.start]! + options.beam;
    if (prune) this.followed = this.arcsWithin(order);
  }

  /** Which arcs a path within the beam passes. */
  private arcsWithin(order: Iterable<number>): Uint8Array {
    const { lattice, backward, cutoff } = this;
    const within = new Uint8Array(lattice.numArcs);
    const forward = new Float64Array(lattice.numStates).fill(Infinity);
    if (lattice.start >= 0) forward[lattice.start] = 0;
    for (const s of order)
      for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
        const next = lattice.nextState[a]!;
        const cost = forward[s]! + lattice.graphCost[a]! + lattice.acousticCost[a]!;
        forward[next] = Math.min(forward[next]!, cost);
        within[a] = Number(cost + backward[next]! <= cutoff);
      }
    return within;
  }

  /** The result, and the beam up to which it holds all paths. */
  run(): { result: CompactLattice; reached: number } {
    const { lattice, out, queue, options } = this;
    if (lattice.start < 0 || this.backward[lattice.start] === Infinity)
      return { result: out.build(), reached: options.beam };
    const first = this.close([{ state: lattice.start, string: 0, graph: 0, acoustic: 0 }]);
    out.setStart(this.outputState(first, 0));
    const { maxArcs = 5_000_000, maxMem = 50_000_000 } = options;
    let arcs = 0;
    for (; queue.size > 0 && arcs < maxArcs && !this.full(arcs, maxMem); arcs++) this.process(queue.pop());
    // What is left over is no better than the first of it.
    const reached = queue.size > 0 ? queue.lowest - this.backward[lattice.start]! : options.beam;
    return { result: out.build(), reached };
  }

  /** Whether memory is short, also when strings that nothing needs any more have been swept out. */
  private full(arcs: number, maxMem: number): boolean {
    const bytes = (): number => bytesOfString * this.strings.size + bytesOfArc * arcs + bytesOfElement * this.elements;
    if (maxMem === 0 || bytes() <= maxMem) return false;
    this.sweepStrings();
    // Without some room it would soon have to be done again.
    return bytes() > 0.8 * maxMem;
  }

  private sweepStrings(): void {
    const { subsets, tasks, strings } = this;
    const parse = (key: string): number[][] => key.split(' ').filter(Boolean).map((pair) => pair.split(',').map(Number));
    const keys = Array.from(subsets, ([key, alike]) => [parse(key), alike] as const);
    const used = function* (): Generator<number> {
      for (const [pairs] of keys) for (const [, string] of pairs) yield string!;
      for (const { elements } of tasks) for (const { string } of elements) yield string;
    };
    const renumbered = strings.keepOnly(used());
    subsets.clear();
    for (const [pairs, alike] of keys)
      subsets.set(pairs.map(([state, string]) => `${state},${renumbered[string!]}`).join(' '), alike);
    for (const task of tasks) task.elements = task.elements.map((e) => ({ ...e, string: renumbered[e.string]! }));
  }

  /** Follows arcs without words; keeps the best way to each state, and only states that say or end something. */
  private close(elements: readonly Element[]): Element[] {
    const { lattice, position, strings, followed } = this;
    const best = new Map<number, Element>();
    const queue = new PriorityQueue();
    const offer = (element: Element): void => {
      const { state } = element;
      const known = best.get(state);
      if (known && !this.better(element, known)) return;
      if (!known) queue.push(state, position[state]!);
      best.set(state, element);
    };
    elements.forEach(offer);
    const kept: Element[] = [];
    // In topological order each state is seen once, after all that lead to it.
    while (queue.size > 0) {
      const state = queue.pop();
      const element = best.get(state)!;
      let speaks = lattice.isFinal(state);
      for (let a = lattice.firstArc[state]!; a < lattice.firstArc[state + 1]!; a++) {
        if (followed?.[a] === 0) continue;
        if (lattice.olabel[a] !== 0) {
          speaks = true;
          continue;
        }
        const tid = lattice.ilabel[a]!;
        offer({
          state: lattice.nextState[a]!,
          string: tid === 0 ? element.string : strings.append(element.string, tid),
          graph: element.graph + lattice.graphCost[a]!,
          acoustic: element.acoustic + lattice.acousticCost[a]!,
        });
      }
      if (speaks) kept.push(element);
    }
    return kept;
  }

  private better(a: Element, b: Element): boolean {
    const [costA, costB] = [a.graph + a.acoustic, b.graph + b.acoustic];
    if (costA !== costB) return costA < costB;
    return a.graph !== b.graph ? a.graph < b.graph : this.strings.lengthOf(a.string) < this.strings.lengthOf(b.string);
  }

  /** The output state of a subset, made when it is new, its final cost and tasks with it. */
  private outputState(elements: Element[], forward: number): number {
    elements.sort((a, b) => a.state - b.state);
    const { delta = 1 / 1024 } = this.options;
    const key = elements.map((e) => `${e.state},${e.string}`).join(' ');
    const alike = this.subsets.get(key) ?? [];
    for (const { id, costs } of alike)
      if (elements.every((e, i) => Math.abs(e.graph + e.acoustic - costs[i]!) <= delta)) return id;
    const id = this.out.addState();
    alike.push({ id, costs: elements.map((e) => e.graph + e.acoustic) });
    this.subsets.set(key, alike);
    this.elements += elements.length;
    this.forward.push(forward);
    this.addFinal(id, elements);
    this.addTasks(id, elements);
    return id;
  }

  private addFinal(id: number, elements: readonly Element[]): void {
    const { lattice } = this;
    let best: Element | undefined;
    for (const e of elements) {
      if (!lattice.isFinal(e.state)) continue;
      const graph = e.graph + lattice.finalGraphCost[e.state]!;
      const acoustic = e.acoustic + lattice.finalAcousticCost[e.state]!;
      const ending = { ...e, graph, acoustic };
      if (!best || this.better(ending, best)) best = ending;
    }
    if (best && this.forward[id]! + best.graph + best.acoustic <= this.cutoff)
      this.out.setFinal(id, best.graph, best.acoustic, this.strings.labels(best.string));
  }

  private addTasks(id: number, elements: readonly Element[]): void {
    const { lattice, strings, followed } = this;
    const byLabel = new Map<number, Element[]>();
    for (const e of elements)
      for (let a = lattice.firstArc[e.state]!; a < lattice.firstArc[e.state + 1]!; a++) {
        const label = lattice.olabel[a]!;
        if (label === 0 || followed?.[a] === 0) continue;
        const tid = lattice.ilabel[a]!;
        const next = {
          state: lattice.nextState[a]!,
          string: tid === 0 ? e.string : strings.append(e.string, tid),
          graph: e.graph + lattice.graphCost[a]!,
          acoustic: e.acoustic + lattice.acousticCost[a]!,
        };
        const group = byLabel.get(label);
        if (group) group.push(next);
        else byLabel.set(label, [next]);
      }
    for (const [label, group] of byLabel) {
      const least = Math.min(...group.map((e) => e.graph + e.acoustic + this.backward[e.state]!));
      const cost = this.forward[id]! + least;
      if (cost > this.cutoff) continue;
      this.tasks.push({ from: id, label, elements: group });
      this.queue.push(this.tasks.length - 1, cost);
    }
  }

  private process(task: number): void {
    const { from, label, elements } = this.tasks[task]!;
    this.tasks[task]!.elements = [];
    const { strings } = this;
    const closed = this.close(elements);
    if (closed.length === 0) return;
    // What all elements share goes out on the arc: the best one's costs, the common beginning of the strings.
    let best = closed[0]!;
    let prefix = best.string;
    for (const e of closed) {
      if (this.better(e, best)) best = e;
      prefix = strings.commonPrefix(prefix, e.string);
    }
    const length = strings.lengthOf(prefix);
    const rest = closed.map((e) => ({
      state: e.state,
      string: strings.withoutPrefix(e.string, length),
      graph: e.graph - best.graph,
      acoustic: e.acoustic - best.acoustic,
    }));
    const nextState = this.outputState(rest, this.forward[from]! + best.graph + best.acoustic);
    this.out.addArc(from, {
      label,
      graphCost: best.graph,
      acousticCost: best.acoustic,
      transitionIds: strings.labels(prefix),
      nextState,
    });
  }
}
