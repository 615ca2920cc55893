import type { Fst } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';

/** A transducer's arcs as linked lists, one a state, to which arcs can be added and from which they can be removed. */
export class MutableArcs {
  readonly head: Int32Array;
  private readonly tail: Int32Array;
  next: Int32Array;
  ilabel: Int32Array;
  olabel: Int32Array;
  /** NaN marks a removed arc. */
  weight: Float32Array;
  nextState: Int32Array;
  readonly final: Float32Array;
  private count: number;

  constructor(private readonly fst: Fst) {
    const { numStates, numArcs, firstArc } = fst;
    this.count = numArcs;
    this.head = new Int32Array(numStates).fill(-1);
    this.tail = new Int32Array(numStates).fill(-1);
    this.next = new Int32Array(numArcs);
    for (let s = 0; s < numStates; s++) {
      const [from, to] = [firstArc[s]!, firstArc[s + 1]!];
      if (from === to) continue;
      this.head[s] = from;
      this.tail[s] = to - 1;
      for (let a = from; a < to; a++) this.next[a] = a + 1 < to ? a + 1 : -1;
    }
    this.ilabel = fst.ilabel.slice();
    this.olabel = fst.olabel.slice();
    this.weight = fst.weight.slice();
    this.nextState = fst.nextState.slice();
    this.final = fst.final.slice();
  }

  deleted(a: number): boolean {
    return Number.isNaN(this.weight[a]!);
  }

  remove(a: number): void {
    this.weight[a] = Number.NaN;
  }

  /** Adds an arc behind the last of its state. */
  add(s: number, ilabel: number, olabel: number, weight: number, nextState: number): void {
    const a = this.count++;
    if (a >= this.next.length) this.grow();
    this.ilabel[a] = ilabel;
    this.olabel[a] = olabel;
    this.weight[a] = weight;
    this.nextState[a] = nextState;
    this.next[a] = -1;
    if (this.tail[s]! < 0) this.head[s] = a;
    else this.next[this.tail[s]!] = a;
    this.tail[s] = a;
  }

  build(): Fst {
    const { semiring, inputSymbols, outputSymbols, numStates, start } = this.fst;
    const out = new FstBuilder({ semiring, inputSymbols, outputSymbols, arcs: this.count, states: numStates });
    out.ensureStates(numStates);
    if (start >= 0) out.setStart(start);
    for (let s = 0; s < numStates; s++) {
      out.setFinal(s, this.final[s]!);
      for (let a = this.head[s]!; a >= 0; a = this.next[a]!)
        if (!this.deleted(a)) out.addArc(s, this.ilabel[a]!, this.olabel[a]!, this.weight[a]!, this.nextState[a]!);
    }
    return out.build();
  }

  private grow(): void {
    const size = 2 * this.next.length + 16;
    const copy = <T extends Int32Array | Float32Array>(from: T, to: T): T => (to.set(from), to);
    this.next = copy(this.next, new Int32Array(size));
    this.ilabel = copy(this.ilabel, new Int32Array(size));
    this.olabel = copy(this.olabel, new Int32Array(size));
    this.weight = copy(this.weight, new Float32Array(size));
    this.nextState = copy(this.nextState, new Int32Array(size));
  }
}
