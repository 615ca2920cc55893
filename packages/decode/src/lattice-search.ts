import type { Matrix } from '@jebena/io-ark';
import { atLeast, defineOptions, float, int, type OptionValues, resolveOptions, within } from '@jebena/options';
import { type Fst, Lattice } from '@jebena/wfst';
import { Cutoff } from './cutoff.js';
import { DecodeError } from './errors.js';
import { FrameScores } from './frame-scores.js';
import { SearchGraph } from './search-graph.js';
import { searchOptions } from './search-options.js';
import { TokenStore } from './token-store.js';

/** Options of the lattice-making search (LatticeFasterDecoderConfig). */
export const latticeSearchOptions = defineOptions({
  ...searchOptions,
  latticeBeam: float(10, 'How much worse than the best a path in the lattice may be', atLeast(0)),
  pruneInterval: int(25, 'Frames between prunings of the tokens', atLeast(1)),
  pruneScale: float(
    0.1,
    'Share of the lattice beam by which costs may move without being looked at again',
    within(0, 1),
  ),
});

/**
 * Beam search that keeps all paths within a lattice beam of the best (Kaldi's LatticeFasterDecoder,
 * decoder/lattice-faster-decoder.cc).
 *
 * @example
 * ```ts
 * const search = new LatticeSearch(graph, model.tidToPdf, { beam: 15, latticeBeam: 8, acousticScale: 1 });
 * search.start();
 * search.advance(loglikes);
 * const lattice = search.lattice(); // state level; determinizePruned makes it compact
 * ```
 */
export class LatticeSearch {
  numFrames = 0;
  private readonly options: OptionValues<typeof latticeSearchOptions>;
  private readonly searched: SearchGraph;
  private readonly graph: Fst;
  private readonly cutoff: Cutoff;
  private readonly scores: FrameScores;
  private readonly store = new TokenStore();
  private readonly slot: Int32Array;
  private slotBase = 0;
  private queue: number[] = [];
  private queued: Uint8Array = new Uint8Array(1024);
  /** Frames whose links need another look, as the costs ahead of them moved. */
  private stale: Uint8Array = new Uint8Array(1024);
  private finished = false;

  /** @param graph see {@link BeamSearch} */
  constructor(
    graph: Fst | SearchGraph,
    tidToPdf: Int32Array,
    options: Partial<OptionValues<typeof latticeSearchOptions>> = {},
  ) {
    this.options = resolveOptions(latticeSearchOptions, options);
    this.searched = graph instanceof SearchGraph ? graph : new SearchGraph(graph, tidToPdf);
    this.graph = this.searched.fst;
    this.cutoff = new Cutoff(this.options);
    this.scores = new FrameScores(this.searched.maxPdf + 1, this.options.acousticScale);
    this.slot = new Int32Array(this.graph.numStates);
  }

  /** Begins an utterance; what was before is forgotten. */
  start(): void {
    this.store.clear();
    this.numFrames = 0;
    this.finished = false;
    this.slot.fill(0);
    this.slotBase = 0;
    this.store.beginFrame();
    this.store.addToken(this.graph.start, 0);
    this.slot[this.graph.start] = 1;
    this.stale.fill(0);
    this.passEpsilons(this.options.beam);
  }

  /** Takes more frames. @throws DecodeError as {@link BeamSearch.advance} */
  advance(loglikes: Matrix): void {
    if (this.store.tokens === 0) throw new DecodeError('ERR_DECODE_STATE', 'search: advance before start');
    if (this.finished) throw new DecodeError('ERR_DECODE_STATE', 'search: advance after finish');
    this.scores.check(loglikes);
    for (let r = 0; r < loglikes.rows; r++) {
      if (this.numFrames % this.options.pruneInterval === 0) this.pruneActive();
      this.passEpsilons(this.step(this.scores.load(loglikes, r, this.numFrames)));
    }
  }

  /** Follows emitting arcs into the next frame and returns the cutoff there. */
  private step(costs: Float32Array): number {
    const { store, slot, cutoff } = this;
    const { weight, nextState } = this.graph;
    const { emitting, firstEmitting, arcPdf } = this.searched;
    const base = store.firstToken[this.numFrames]!;
    const end = store.tokens;
    cutoff.find(store.cost, base, end);
    const { limit, adaptiveBeam, best } = cutoff;
    let next = Infinity;
    if (best >= 0) {
      const s = store.state[best]!;
      for (let i = firstEmitting[s]!; i < firstEmitting[s + 1]!; i++) {
        const a = emitting[i]!;
        const sum = store.cost[best]! + weight[a]! + costs[arcPdf[a]!]! + adaptiveBeam;
        if (sum < next) next = sum;
      }
    }
    this.numFrames++;
    // Frame-by-frame links: emitting links of the frame before stand before the frame's own epsilon links.
    store.firstToken.push(end);
    if (this.slotBase > 1 << 30) {
      slot.fill(0);
      this.slotBase = 0;
    }
    const slotBase = (this.slotBase += end - base);
    for (let t = base; t < end; t++) {
      const from = store.cost[t]!;
      if (!(from <= limit)) continue;
      const s = store.state[t]!;
      const firstLink = store.links;
      for (let i = firstEmitting[s]!, last = firstEmitting[s + 1]!; i < last; i++) {
        const a = emitting[i]!;
        const acoustic = costs[arcPdf[a]!]!;
        const sum = from + weight[a]! + acoustic;
        if (!(sum < next)) continue;
        if (sum + adaptiveBeam < next) next = sum + adaptiveBeam;
        const to = nextState[a]!;
        const at = slot[to]! - slotBase;
        let token = end + at - 1;
        if (at <= 0) {
          token = store.addToken(to, sum);
          slot[to] = slotBase + token - end + 1;
        } else if (sum < store.cost[token]!) store.cost[token] = sum;
        store.addLink(token, a, acoustic);
      }
      store.emittingFirst[t] = firstLink;
      store.emittingCount[t] = store.links - firstLink;
    }
    store.firstLink.push(store.links);
    this.markStale(this.numFrames - 1);
    return next;
  }

  private passEpsilons(cutoff: number): void {
    const { store, slot, slotBase, queue } = this;
    const { epsilon, firstEpsilon } = this.searched;
    const { weight, nextState } = this.graph;
    const base = store.firstToken[this.numFrames]!;
    this.markStale(this.numFrames);
    if (epsilon.length === 0) return;
    const enqueue = (token: number): void => {
      if (firstEpsilon[store.state[token]!] === firstEpsilon[store.state[token]! + 1]) return;
      if (token - base >= this.queued.length) {
        const larger = new Uint8Array(2 * (token - base) + 16);
        larger.set(this.queued);
        this.queued = larger;
      }
      if (this.queued[token - base]) return;
      this.queued[token - base] = 1;
      queue.push(token);
    };
    for (let t = base; t < store.tokens; t++) enqueue(t);
    while (queue.length > 0) {
      const t = queue.pop()!;
      this.queued[t - base] = 0;
      const from = store.cost[t]!;
      if (!(from < cutoff)) continue;
      const s = store.state[t]!;
      // Looked at again after its cost fell, a token gets its links anew; the old run is left to the sweep.
      const firstLink = store.links;
      for (let i = firstEpsilon[s]!, last = firstEpsilon[s + 1]!; i < last; i++) {
        const a = epsilon[i]!;
        const sum = from + weight[a]!;
        if (!(sum < cutoff)) continue;
        const to = nextState[a]!;
        const at = slot[to]! - slotBase;
        let token = base + at - 1;
        if (at <= 0) {
          token = store.addToken(to, sum);
          slot[to] = slotBase + token - base + 1;
          enqueue(token);
        } else if (sum < store.cost[token]!) {
          store.cost[token] = sum;
          enqueue(token);
        }
        store.addLink(token, a, 0);
      }
      store.epsilonFirst[t] = firstLink;
      store.epsilonCount[t] = store.links - firstLink;
    }
  }

  private markStale(frame: number): void {
    if (frame >= this.stale.length) {
      const larger = new Uint8Array(2 * frame + 16);
      larger.set(this.stale);
      this.stale = larger;
    }
    this.stale[frame] = 1;
  }

  /** Prunes links and tokens as far back as costs still move. */
  private pruneActive(): void {
    const { store, stale } = this;
    const delta = this.options.latticeBeam * this.options.pruneScale;
    let lowest = this.numFrames;
    for (let f = this.numFrames - 1; f >= 0; f--) {
      if (!stale[f]) continue;
      stale[f] = 0;
      const { changed, pruned } = this.pruneLinks(f, delta);
      if (changed && f > 0) stale[f - 1] = 1;
      if (changed || pruned) lowest = f;
    }
    if (lowest < this.numFrames) store.compact(lowest);
    this.renumberSlots();
  }

  /** The present frame's tokens may have moved. */
  private renumberSlots(): void {
    const { store, slot } = this;
    const base = store.firstToken[this.numFrames]!;
    for (let t = base; t < store.tokens; t++) slot[store.state[t]!] = this.slotBase + t - base + 1;
  }

  /** Brings the extra costs of a frame up to date and takes out links beyond the lattice beam. */
  private pruneLinks(frame: number, delta: number, least?: Float64Array): { changed: boolean; pruned: boolean } {
    const { store } = this;
    const { weight } = this.graph;
    const { cost, extra, dest, arc, acoustic } = store;
    const { latticeBeam } = this.options;
    const [base, end] = [store.firstToken[frame]!, store.endOf(frame)];
    let changed = false;
    let pruned = false;
    // Epsilon links lead within the frame, in no given order: until nothing moves.
    for (let moved = true; moved;) {
      moved = false;
      for (let t = base; t < end; t++) {
        let lowest = least ? least[t - base]! : Infinity;
        for (let run = 0; run < 2; run++) {
          const first = run === 0 ? store.epsilonFirst[t]! : store.emittingFirst[t]!;
          const count = run === 0 ? store.epsilonCount[t]! : store.emittingCount[t]!;
          for (let l = first; l < first + count; l++) {
            const to = dest[l]!;
            if (to < 0) continue;
            const over = extra[to]! + (cost[t]! + acoustic[l]! + weight[arc[l]!]! - cost[to]!);
            // NaN (of a token without a way on) is beyond the beam too.
            if (!(over <= latticeBeam)) {
              dest[l] = -1;
              pruned = true;
            } else if (over < lowest) lowest = over < 0 ? 0 : over;
          }
        }
        if (least && lowest > latticeBeam) lowest = Infinity;
        if (Math.abs(lowest - extra[t]!) > delta) moved = true;
        extra[t] = lowest;
      }
      if (moved) changed = true;
    }
    return { changed, pruned };
  }

  /** Whether a path so far ends in a final state. */
  get reachedFinal(): boolean {
    return this.finalCosts().some((cost) => cost < Infinity);
  }

  /** Final costs of the last frame's tokens. */
  private finalCosts(): Float64Array {
    const { store } = this;
    const base = store.firstToken[this.numFrames] ?? 0;
    return Float64Array.from(store.state.subarray(base, store.tokens), (s) => this.graph.final[s]!);
  }

  /** Ends the utterance: prunes by final costs, or as if all states were final where none is. */
  finish(): void {
    if (this.finished || this.store.tokens === 0) return;
    const { store } = this;
    const finals = this.finalCosts();
    const base = store.firstToken[this.numFrames]!;
    const any = finals.some((cost) => cost < Infinity);
    const totals = finals.map((cost, i) => store.cost[base + i]! + (any ? cost : 0));
    const best = totals.reduce((a, b) => Math.min(a, b), Infinity);
    this.pruneLinks(
      this.numFrames,
      1e-5,
      totals.map((total) => total - best),
    );
    for (let f = this.numFrames - 1; f >= 0; f--) this.pruneLinks(f, 0);
    store.compact(0);
    this.finished = true;
  }

  /**
   * The state-level lattice, acoustic costs scaled as they were searched with; undefined where no path survived. Ends
   * the utterance.
   */
  lattice(): Lattice | undefined {
    this.finish();
    const { store, graph } = this;
    const lastBase = store.firstToken[this.numFrames] ?? 0;
    if (store.tokens === 0 || lastBase === store.tokens) return undefined;
    const { tokens, links } = store;
    const finals = this.finalCosts();
    const any = finals.some((cost) => cost < Infinity);
    const finalGraphCost = new Float32Array(tokens).fill(Infinity);
    const finalAcousticCost = new Float32Array(tokens).fill(Infinity);
    finals.forEach((cost, i) => {
      if (any && cost === Infinity) return;
      finalGraphCost[lastBase + i] = any ? cost : 0;
      finalAcousticCost[lastBase + i] = 0;
    });
    const firstArc = new Int32Array(tokens + 1);
    // After `compact` the links of each token stand together, in the order of the tokens.
    for (let t = 0; t < tokens; t++) firstArc[t + 1] = firstArc[t]! + store.epsilonCount[t]! + store.emittingCount[t]!;
    const arcs = store.arc.subarray(0, links);
    return new Lattice({
      start: 0,
      firstArc,
      ilabel: Int32Array.from(arcs, (a) => graph.ilabel[a]!),
      olabel: Int32Array.from(arcs, (a) => graph.olabel[a]!),
      graphCost: Float32Array.from(arcs, (a) => graph.weight[a]!),
      acousticCost: store.acoustic.slice(0, links),
      nextState: store.dest.slice(0, links),
      finalGraphCost,
      finalAcousticCost,
    });
  }
}
