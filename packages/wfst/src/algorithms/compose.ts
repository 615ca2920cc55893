import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';
import { arcSort } from './arc-sort.js';
import { connect } from './connect.js';
import { LabelReach } from './label-reach.js';
import { PairTable } from './pair-table.js';

export interface ComposeOptions {
  /** Whether to drop what lies on no path to a final state; true unless given. */
  readonly connect?: boolean | undefined;
  /**
   * Whether to look ahead along arcs of `a` without output and leave out pairs of states from which no label matches:
   * for a lexicon that gives its words late (a determinized one) with a big grammar. False unless given.
   */
  readonly lookAhead?: boolean | undefined;
}

/**
 * Composes two transducers: x to z at the cost of the best (or all) ways over some y that `a` maps x to and `b` maps
 * to z. Epsilons of `a` go before those of `b` (OpenFst's sequence filter), so that no path is counted twice. At
 * each pair of states the shorter list of arcs is walked and the longer one searched.
 */
export function compose(a: Fst, b: Fst, options: ComposeOptions = {}): Fst {
  const [left, right] = [arcSort(a, { by: 'olabel' }), arcSort(b, { by: 'ilabel' })];
  const composed = new Composer(left, right, options.lookAhead ?? false).run();
  return (options.connect ?? true) ? connect(composed) : composed;
}

class Composer {
  private readonly states = new PairTable();
  private readonly out: FstBuilder;
  /** For each state of `a`: where its arcs with output begin, after those with output epsilon. */
  private readonly labelled: Int32Array;
  private readonly inputEpsilonsEnd: Int32Array;
  private readonly ahead:
    | { readonly reach: LabelReach; readonly first: Int32Array; readonly numbers: Int32Array }
    | undefined;

  constructor(
    private readonly a: Fst,
    private readonly b: Fst,
    lookAhead: boolean,
  ) {
    if (lookAhead) {
      const reach = new LabelReach(a);
      this.ahead = { reach, ...reach.numbersOf(b) };
    }
    this.labelled = epsilonsEnd(a, a.olabel);
    this.inputEpsilonsEnd = epsilonsEnd(b, b.ilabel);
    const { semiring, inputSymbols } = a;
    this.out = new FstBuilder({ semiring, inputSymbols, outputSymbols: b.outputSymbols });
  }

  /** A pair of states; `blocked` where `b` moved last on an epsilon, after which `a` may not. */
  private state(s: number, t: number, blocked: boolean): number {
    const index = this.states.add(2 * s + (blocked ? 1 : 0), t);
    if (index === this.out.numStates) this.out.addState();
    return index;
  }

  run(): Fst {
    const { a, b, out, states } = this;
    if (a.start < 0 || b.start < 0) return out.build();
    out.setStart(this.state(a.start, b.start, false));
    for (let i = 0; i < states.size; i++) {
      const left = states.first(i);
      const s = left >> 1;
      const t = states.second(i);
      const final = a.final[s]! + b.final[t]!;
      if (final !== Infinity) out.setFinal(i, final);
      this.epsilons(i, s, t, (left & 1) === 1);
      this.matches(i, s, t);
    }
    return out.build();
  }

  private epsilons(i: number, s: number, t: number, blocked: boolean): void {
    const { a, b, out } = this;
    const from = a.firstArc[s]!;
    const labelled = this.labelled[s]!;
    if (!blocked)
      for (let x = from; x < labelled; x++)
        if (!this.ahead || this.promising(a.nextState[x]!, t))
          out.addArc(i, a.ilabel[x]!, 0, a.weight[x]!, this.state(a.nextState[x]!, t, false));
    // Where `a` can do nothing but move on an epsilon, `b` waits: its turn comes after.
    if (labelled === a.firstArc[s + 1]! && labelled > from && !a.isFinal(s)) return;
    const blocks = labelled > from;
    for (let y = b.firstArc[t]!; y < this.inputEpsilonsEnd[t]!; y++)
      out.addArc(i, 0, b.olabel[y]!, b.weight[y]!, this.state(s, b.nextState[y]!, blocks));
  }

  /** Whether some way on from the pair may match, as far as the next output of `a` tells. */
  private promising(s: number, t: number): boolean {
    const { reach, first, numbers } = this.ahead!;
    // Where `b` can move on an epsilon, what it takes next is not told by its arcs.
    if (this.inputEpsilonsEnd[t]! > this.b.firstArc[t]!) return true;
    return (this.b.isFinal(t) && reach.canEnd(s)) || reach.canGive(s, numbers, first[t]!, first[t + 1]!);
  }

  private matches(i: number, s: number, t: number): void {
    const { a, b, out } = this;
    const xTo = a.firstArc[s + 1]!;
    const yTo = b.firstArc[t + 1]!;
    let x = this.labelled[s]!;
    let y = this.inputEpsilonsEnd[t]!;
    if (x === xTo || y === yTo) return;
    const walkA = xTo - x <= yTo - y;
    // Both lists are sorted, so the search goes on from where it last stopped.
    while (x < xTo && y < yTo) {
      const xl = a.olabel[x]!;
      const yl = b.ilabel[y]!;
      if (xl < yl) {
        x = walkA ? x + 1 : lowerBound(a.olabel, yl, x + 1, xTo);
        continue;
      }
      if (xl > yl) {
        y = walkA ? lowerBound(b.ilabel, xl, y + 1, yTo) : y + 1;
        continue;
      }
      let yEnd = y + 1;
      while (yEnd < yTo && b.ilabel[yEnd] === xl) yEnd++;
      for (; x < xTo && a.olabel[x] === xl; x++)
        for (let m = y; m < yEnd; m++) {
          const next = this.state(a.nextState[x]!, b.nextState[m]!, false);
          out.addArc(i, a.ilabel[x]!, b.olabel[m]!, a.weight[x]! + b.weight[m]!, next);
        }
      y = yEnd;
    }
  }
}

function epsilonsEnd(fst: Fst, labels: Int32Array): Int32Array {
  const ends = new Int32Array(fst.numStates);
  for (let s = 0; s < fst.numStates; s++) {
    let a = fst.firstArc[s]!;
    while (a < fst.firstArc[s + 1]! && labels[a] === 0) a++;
    ends[s] = a;
  }
  return ends;
}

/** The first index in `[from, to)` whose label is not less. */
function lowerBound(labels: Int32Array, label: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (labels[middle]! < label) low = middle + 1;
    else high = middle;
  }
  return low;
}
