import type { Fst } from '../fst.js';
import { MutableArcs } from './mutable-arcs.js';
import { connect } from './connect.js';
import { logAdd, plusOf } from './log-add.js';

/**
 * Removes those epsilons (on either side) whose removal adds no arcs, by joining arcs that follow one another: a:0
 * and 0:b become a:b. Keeps a stochastic transducer so. Kaldi's RemoveEpsLocal (fstext/remove-eps-local-inl.h).
 */
export function rmEpsLocal(fst: Fst): Fst {
  const connected = connect(fst);
  return connected.start < 0 ? connected : connect(new LocalRemover(connected).run());
}

class LocalRemover {
  private readonly graph: MutableArcs;
  /** Arcs that lead into a state, one more for the start; arcs that leave it, one more where it is final. */
  private readonly arcsIn: Int32Array;
  private readonly arcsOut: Int32Array;

  private readonly plus: (a: number, b: number) => number;

  constructor(private readonly fst: Fst) {
    this.graph = new MutableArcs(fst);
    this.plus = plusOf(fst.semiring);
    this.arcsIn = new Int32Array(fst.numStates);
    this.arcsOut = new Int32Array(fst.numStates);
    this.arcsIn[fst.start]!++;
    for (let s = 0; s < fst.numStates; s++) {
      this.arcsOut[s] = fst.firstArc[s + 1]! - fst.firstArc[s]! + (fst.isFinal(s) ? 1 : 0);
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) this.arcsIn[fst.nextState[a]!]!++;
    }
  }

  run(): Fst {
    const { graph, fst } = this;
    for (let s = 0; s < fst.numStates; s++)
      // Arcs that joining adds come last and are looked at in their turn.
      for (let a = graph.head[s]!; a >= 0; a = graph.next[a]!) if (!graph.deleted(a)) this.join(s, a);
    return graph.build();
  }

  private join(s: number, a: number): void {
    const t = this.graph.nextState[a]!;
    if (t === s) return;
    if (this.arcsIn[t] === 1 && this.arcsOut[t]! > 1) this.intoMany(s, a, t);
    else if (this.arcsOut[t] === 1) this.intoOne(s, a, t);
  }

  private joinable(a: number, b: number): boolean {
    const { ilabel, olabel } = this.graph;
    return (ilabel[a] === 0 || ilabel[b] === 0) && (olabel[a] === 0 || olabel[b] === 0);
  }

  private add(s: number, a: number, b: number): void {
    const { graph } = this;
    const ilabel = graph.ilabel[a]! || graph.ilabel[b]!;
    const olabel = graph.olabel[a]! || graph.olabel[b]!;
    graph.add(s, ilabel, olabel, graph.weight[a]! + graph.weight[b]!, graph.nextState[b]!);
    this.arcsOut[s]!++;
    this.arcsIn[graph.nextState[b]!]!++;
  }

  private remove(s: number, a: number): void {
    this.arcsIn[this.graph.nextState[a]!]!--;
    this.arcsOut[s]!--;
    this.graph.remove(a);
  }

  /** `a` is the only way into `t`: what joins with it leaves `t`, and what stays there keeps its share of the weight. */
  private intoMany(s: number, a: number, t: number): void {
    const { graph } = this;
    const moved: number[] = [];
    let gone = Infinity;
    let kept = Infinity;
    for (let b = graph.head[t]!; b >= 0; b = graph.next[b]!) {
      if (graph.deleted(b)) continue;
      if (this.joinable(a, b)) {
        moved.push(b);
        gone = logAdd(gone, graph.weight[b]!);
      } else kept = logAdd(kept, graph.weight[b]!);
    }
    const plain = graph.ilabel[a] === 0 && graph.olabel[a] === 0;
    const final = graph.final[t]!;
    if (final !== Infinity) {
      if (plain) gone = logAdd(gone, final);
      else kept = logAdd(kept, final);
    }
    if (gone === Infinity) return;
    if (plain && final !== Infinity) {
      const before = graph.final[s]!;
      graph.final[s] = this.plus(before, graph.weight[a]! + final);
      if (before === Infinity) this.arcsOut[s]!++;
      graph.final[t] = Infinity;
      this.arcsOut[t]!--;
    }
    for (const b of moved) {
      this.add(s, a, b);
      this.remove(t, b);
    }
    if (kept === Infinity) {
      this.remove(s, a);
      return;
    }
    // The weight of what left goes from the arc into `t` to what left it already; scale the rest up inside `t`.
    const share = kept - logAdd(kept, gone);
    graph.weight[a]! += share;
    for (let b = graph.head[t]!; b >= 0; b = graph.next[b]!) if (!graph.deleted(b)) graph.weight[b]! -= share;
    if (graph.final[t] !== Infinity) graph.final[t]! -= share;
  }

  /** `t` has one way on: `a` takes it too. */
  private intoOne(s: number, a: number, t: number): void {
    const { graph } = this;
    const final = graph.final[t]!;
    if (final !== Infinity) {
      if (graph.ilabel[a] !== 0 || graph.olabel[a] !== 0) return;
      const before = graph.final[s]!;
      graph.final[s] = this.plus(before, graph.weight[a]! + final);
      if (before === Infinity) this.arcsOut[s]!++;
      this.remove(s, a);
      if (this.arcsIn[t] === 0) {
        graph.final[t] = Infinity;
        this.arcsOut[t]!--;
      }
      return;
    }
    let b = graph.head[t]!;
    while (b >= 0 && graph.deleted(b)) b = graph.next[b]!;
    if (b < 0 || graph.nextState[b] === t || !this.joinable(a, b)) return;
    this.add(s, a, b);
    this.remove(s, a);
    if (this.arcsIn[t] === 0) this.remove(t, b);
  }
}
