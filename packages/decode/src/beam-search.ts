import type { Matrix } from '@jebena/io-ark';
import { type OptionValues, resolveOptions } from '@jebena/options';
import type { Fst } from '@jebena/wfst';
import { type BeamSearchState, checkBeamSearchState } from './beam-search-state.js';
import type { BestPath } from './best-path.js';
import { Cutoff } from './cutoff.js';
import { DecodeError } from './errors.js';
import { FrameScores } from './frame-scores.js';
import { SearchGraph } from './search-graph.js';
import { searchOptions } from './search-options.js';

type Ints = Int32Array<ArrayBuffer>;

/**
 * Token-passing beam search for the best path through a decoding graph or a training graph (Kaldi's FasterDecoder,
 * decoder/faster-decoder.cc). Works on as many frames at a time as there are: `advance` may be called again and again.
 *
 * Tokens live in columns, no object each. A frame's tokens are contiguous, so that a state's token is found by one
 * read: `slot[state] - base`. Tokens that no path needs any more are swept out now and then.
 *
 * @example
 * ```ts
 * const search = new BeamSearch(graph, model.tidToPdf, { beam: 13, acousticScale: 1 });
 * search.start();
 * search.advance(loglikes);
 * search.bestPath()?.words;
 * ```
 */
export class BeamSearch {
  /** Frames taken since `start`. */
  numFrames = 0;
  /** Tokens alive at the present frame. */
  active = 0;
  private readonly searched: SearchGraph;
  private readonly graph: Fst;
  private readonly beam: number;
  private readonly cutoff: Cutoff;
  private readonly scores: FrameScores;

  // Columns by token. `arc` is the arc taken, -1 at the start; `back` the token before it.
  private back: Ints = new Int32Array(1024);
  private arc: Ints = new Int32Array(1024);
  private frame: Ints = new Int32Array(1024);
  private state: Ints = new Int32Array(1024);
  private cost = new Float64Array(1024);
  private tokens = 0;
  /** First token of the present frame. */
  private base = 0;
  /** Where to sweep next. */
  private sweepAt = 1 << 16;
  /** By state: 1 + its token among those of the frame being made, when that is above `slotBase`. */
  private readonly slot: Ints;
  private slotBase = 0;
  private queue: Ints = new Int32Array(1024);
  private queued: Uint8Array = new Uint8Array(1024);

  /**
   * @param graph input labels are transition ids (or whatever `tidToPdf` is indexed by), 0 epsilon; searches that
   *   share a graph share a {@link SearchGraph} of it
   * @param tidToPdf column of the scores for each input label
   * @throws DecodeError for an empty graph, or one with input labels that `tidToPdf` lacks
   */
  constructor(
    graph: Fst | SearchGraph,
    tidToPdf: Int32Array,
    options: Partial<OptionValues<typeof searchOptions>> = {},
  ) {
    const resolved = resolveOptions(searchOptions, options);
    this.searched = graph instanceof SearchGraph ? graph : new SearchGraph(graph, tidToPdf);
    this.graph = this.searched.fst;
    this.beam = resolved.beam;
    this.cutoff = new Cutoff(resolved);
    this.scores = new FrameScores(this.searched.maxPdf + 1, resolved.acousticScale);
    this.slot = new Int32Array(this.graph.numStates);
  }

  /** Begins an utterance; what was before is forgotten. */
  start(): void {
    this.numFrames = 0;
    this.tokens = 0;
    this.base = 0;
    this.slotBase = 0;
    this.slot.fill(0);
    this.reserve(1);
    this.back[0] = -1;
    this.arc[0] = -1;
    this.cost[0] = 0;
    this.frame[0] = 0;
    this.state[0] = this.graph.start;
    this.tokens = 1;
    this.slot[this.graph.start] = 1;
    this.passEpsilons(this.beam);
    this.active = this.tokens;
  }

  /**
   * Takes more frames: rows of log-likelihoods by pdf.
   *
   * @throws DecodeError when the scores have fewer columns than the graph's pdfs, or NaN among them
   */
  advance(loglikes: Matrix): void {
    if (this.tokens === 0) throw new DecodeError('ERR_DECODE_STATE', 'search: advance before start');
    this.scores.check(loglikes);
    for (let r = 0; r < loglikes.rows; r++) this.step(loglikes, r);
  }

  private step(loglikes: Matrix, r: number): void {
    const scaled = this.scores.load(loglikes, r, this.numFrames);
    if (this.tokens > this.sweepAt) this.sweep();
    const base = this.base;
    const end = this.tokens;
    this.cutoff.find(this.cost, base, end);
    const { limit: cutoff, adaptiveBeam, best } = this.cutoff;
    const { weight, nextState } = this.graph;
    const { emitting, firstEmitting, arcPdf } = this.searched;
    const { slot } = this;
    this.numFrames++;
    this.base = end;
    if (this.slotBase > 1 << 30) {
      slot.fill(0);
      this.slotBase = 0;
    }
    // Slots of the frame before become stale by raising the base above them.
    const slotBase = (this.slotBase += end - base);
    let nextCutoff = Infinity;
    if (best >= 0) {
      // The best token's arcs give a first bound, so that few tokens are made in vain.
      const s = this.state[best]!;
      const cost = this.cost[best]!;
      for (let i = firstEmitting[s]!; i < firstEmitting[s + 1]!; i++) {
        const a = emitting[i]!;
        const sum = cost + weight[a]! + scaled[arcPdf[a]!]! + adaptiveBeam;
        if (sum < nextCutoff) nextCutoff = sum;
      }
    }
    for (let t = base; t < end; t++) {
      const from = this.cost[t]!;
      if (!(from <= cutoff)) continue;
      const s = this.state[t]!;
      for (let i = firstEmitting[s]!, last = firstEmitting[s + 1]!; i < last; i++) {
        const a = emitting[i]!;
        const sum = from + weight[a]! + scaled[arcPdf[a]!]!;
        if (!(sum < nextCutoff)) continue;
        if (sum + adaptiveBeam < nextCutoff) nextCutoff = sum + adaptiveBeam;
        const to = nextState[a]!;
        const at = slot[to]! - slotBase;
        if (at > 0) {
          const token = end + at - 1;
          if (sum < this.cost[token]!) {
            this.cost[token] = sum;
            this.back[token] = t;
            this.arc[token] = a;
          }
        } else {
          const token = this.tokens;
          if (token === this.back.length) this.reserve(token + 1);
          this.tokens = token + 1;
          slot[to] = slotBase + token - end + 1;
          this.cost[token] = sum;
          this.back[token] = t;
          this.arc[token] = a;
          this.frame[token] = this.numFrames;
          this.state[token] = to;
        }
      }
    }
    this.passEpsilons(nextCutoff);
    this.active = this.tokens - this.base;
  }

  /** Follows epsilon arcs within a frame until nothing improves. */
  private passEpsilons(cutoff: number): void {
    const { base, slot, slotBase } = this;
    const { epsilon, firstEpsilon } = this.searched;
    const { weight, nextState } = this.graph;
    if (epsilon.length === 0) return;
    let count = 0;
    for (let t = base; t < this.tokens; t++) {
      const s = this.state[t]!;
      if (firstEpsilon[s] !== firstEpsilon[s + 1]) count = this.enqueue(t, count);
    }
    while (count > 0) {
      const t = this.queue[--count]!;
      this.queued[t - base] = 0;
      const from = this.cost[t]!;
      if (!(from <= cutoff)) continue;
      const s = this.state[t]!;
      for (let i = firstEpsilon[s]!, last = firstEpsilon[s + 1]!; i < last; i++) {
        const a = epsilon[i]!;
        const sum = from + weight[a]!;
        if (!(sum < cutoff)) continue;
        const to = nextState[a]!;
        const at = slot[to]! - slotBase;
        let token = base + at - 1;
        if (at <= 0) {
          token = this.tokens;
          if (token === this.back.length) this.reserve(token + 1);
          this.tokens = token + 1;
          slot[to] = slotBase + token - base + 1;
          this.frame[token] = this.numFrames;
          this.state[token] = to;
        } else if (!(sum < this.cost[token]!)) continue;
        this.cost[token] = sum;
        this.back[token] = t;
        this.arc[token] = a;
        if (firstEpsilon[to] !== firstEpsilon[to + 1]) count = this.enqueue(token, count);
      }
    }
  }

  private enqueue(token: number, count: number): number {
    const at = token - this.base;
    if (at >= this.queued.length) {
      const grown = new Uint8Array(2 * at + 16);
      grown.set(this.queued);
      this.queued = grown;
    }
    if (this.queued[at]) return count;
    this.queued[at] = 1;
    if (count === this.queue.length) this.queue = grow(this.queue, 2 * count);
    this.queue[count] = token;
    return count + 1;
  }

  private reserve(count: number): void {
    if (count <= this.back.length) return;
    const size = Math.max(count, 2 * this.back.length);
    this.back = grow(this.back, size);
    this.arc = grow(this.arc, size);
    this.frame = grow(this.frame, size);
    this.state = grow(this.state, size);
    const cost = new Float64Array(size);
    cost.set(this.cost);
    this.cost = cost;
  }

  /** Keeps the tokens that paths of the present frame need, in their order; all of them where no path survived. */
  private sweep(): void {
    const { back, base, tokens } = this;
    if (base === tokens) return;
    const place = new Int32Array(tokens).fill(-1);
    for (let t = base; t < tokens; t++) for (let u = t; u >= 0 && place[u] === -1; u = back[u]!) place[u] = 0;
    let kept = 0;
    for (let t = 0; t < tokens; t++) if (place[t] === 0) place[t] = kept++;
    for (let t = 0; t < tokens; t++) {
      const to = place[t]!;
      if (to < 0) continue;
      back[to] = back[t]! < 0 ? -1 : place[back[t]!]!;
      this.arc[to] = this.arc[t]!;
      this.frame[to] = this.frame[t]!;
      this.state[to] = this.state[t]!;
      this.cost[to] = this.cost[t]!;
    }
    this.base = place[base]!;
    this.tokens = kept;
    this.sweepAt = Math.max(1 << 16, 2 * kept);
  }

  /** Where it stands; it may go on meanwhile. */
  save(): BeamSearchState {
    this.sweep();
    const { numFrames, base, tokens } = this;
    const cut = (column: Ints): Ints => column.slice(0, tokens);
    const [back, arc, frame, state] = [cut(this.back), cut(this.arc), cut(this.frame), cut(this.state)];
    return { numFrames, base, back, arc, frame, state, cost: this.cost.slice(0, tokens) };
  }

  /**
   * Goes on from where a search over the same graph stood.
   *
   * @throws DecodeError for tokens that this graph cannot have
   */
  restore(saved: BeamSearchState): void {
    checkBeamSearchState(saved, this.graph);
    const { numFrames, base, back, arc, frame, state, cost } = saved;
    const tokens = back.length;
    this.start();
    this.reserve(tokens);
    this.back.set(back);
    this.arc.set(arc);
    this.frame.set(frame);
    this.state.set(state);
    this.cost.set(cost);
    this.numFrames = numFrames;
    this.base = base;
    this.tokens = tokens;
    this.active = tokens - base;
    this.slot.fill(0);
    this.slotBase = 0;
    for (let t = base; t < tokens; t++) this.slot[state[t]!] = t - base + 1;
  }

  /** The present frame's best token, by final costs where `useFinal` and any is final. */
  private bestToken(useFinal: boolean): { token: number; final: number; reachedFinal: boolean } {
    let token = -1;
    let lowest = Infinity;
    let finalToken = -1;
    let lowestFinal = Infinity;
    for (let t = this.base; t < this.tokens; t++) {
      const cost = this.cost[t]!;
      if (cost < lowest) {
        lowest = cost;
        token = t;
      }
      const sum = cost + this.graph.final[this.state[t]!]!;
      if (sum < lowestFinal) {
        lowestFinal = sum;
        finalToken = t;
      }
    }
    if (useFinal && finalToken >= 0)
      return { token: finalToken, final: this.graph.final[this.state[finalToken]!]!, reachedFinal: true };
    return { token, final: 0, reachedFinal: false };
  }

  /** How much dearer the best path is that ends in a final state than the best of all; Infinity where none does. */
  get finalRelativeCost(): number {
    const best = this.bestToken(false).token;
    const { token, final, reachedFinal } = this.bestToken(true);
    return reachedFinal ? this.cost[token]! + final - this.cost[best]! : Infinity;
  }

  /** How many of the first words all paths share, so that no later frame can change them. */
  stableWords(): number {
    const { arc, back, frame, graph } = this;
    let alive = new Set<number>();
    for (let t = this.base; t < this.tokens; t++) alive.add(t);
    // Back frame by frame until one token is left; paths that meet within a frame are taken to meet before it.
    while (alive.size > 1) {
      const before = new Set<number>();
      for (const t of alive) {
        let u = t;
        while (u >= 0 && frame[u] === frame[t]) u = back[u]!;
        before.add(u);
      }
      alive = before;
    }
    let words = 0;
    for (const last of alive)
      for (let t = last; t >= 0 && arc[t]! >= 0; t = back[t]!) if (graph.olabel[arc[t]!] !== 0) words++;
    return words;
  }

  /** True when the best path so far may end here. */
  get reachedFinal(): boolean {
    return this.bestToken(true).reachedFinal;
  }

  /**
   * The best path so far; undefined when no path survives (an utterance without a path) or nothing was started.
   *
   * @param useFinal whether to prefer paths that end in a final state, at their final cost (the end of an utterance)
   */
  bestPath({ useFinal = true }: { useFinal?: boolean | undefined } = {}): BestPath | undefined {
    const { token, final, reachedFinal } = this.bestToken(useFinal);
    if (token < 0) return undefined;
    const words: number[] = [];
    const wordTimes: number[] = [];
    const alignment: number[] = [];
    let graphCost = final;
    for (let t = token; this.arc[t]! >= 0; t = this.back[t]!) {
      const a = this.arc[t]!;
      graphCost += this.graph.weight[a]!;
      const label = this.graph.ilabel[a]!;
      if (label !== 0) alignment.push(label);
      const word = this.graph.olabel[a]!;
      if (word !== 0) {
        words.push(word);
        wordTimes.push(label === 0 ? this.frame[t]! : this.frame[t]! - 1);
      }
    }
    const cost = this.cost[token]! + final;
    return {
      words: Int32Array.from(words.reverse()),
      alignment: Int32Array.from(alignment.reverse()),
      wordTimes: Int32Array.from(wordTimes.reverse()),
      cost,
      graphCost,
      acousticCost: cost - graphCost,
      reachedFinal,
    };
  }

  /** Input labels of the best path so far, newest first: cheap where only its end is wanted (trailing silence). */
  *traceback(): IterableIterator<number> {
    for (let t = this.bestToken(false).token; t >= 0 && this.arc[t]! >= 0; t = this.back[t]!) {
      const label = this.graph.ilabel[this.arc[t]!]!;
      if (label !== 0) yield label;
    }
  }
}

function grow(values: Ints, size: number): Ints {
  const grown = new Int32Array(size);
  grown.set(values);
  return grown;
}
