import type { Fst } from '../fst.js';
import { PairTable } from './pair-table.js';
import { Partition } from './partition.js';

/** Classes of states: `classOf` numbers them from 0 to `count - 1`. */
export interface StateClasses {
  readonly classOf: Int32Array;
  readonly count: number;
}

/**
 * The states that can be merged: same final cost, and arcs with the same labels and costs to states that can be
 * merged. Costs are equal where they round to the same multiple of `delta`.
 *
 * Where no state has two arcs with the same labels and cost this is A. Valmari's algorithm ("Fast brief practical
 * DFA minimization", 2012), O(arcs log arcs); elsewhere classes are refined round by round.
 */
export function stateClasses(fst: Fst, delta: number): StateClasses {
  const { numStates, numArcs } = fst;
  const costs = new PairTable();
  const quantum = (cost: number): number => {
    if (cost === Infinity) return costs.add(-1, -1);
    const steps = Math.floor(cost / delta + 0.5);
    return costs.add(steps | 0, Math.floor(steps / 2 ** 32) | 0);
  };
  const labels = new PairTable();
  const codes = new PairTable(numArcs);
  const code = new Int32Array(numArcs);
  for (let a = 0; a < numArcs; a++)
    code[a] = codes.add(labels.add(fst.ilabel[a]!, fst.olabel[a]!), quantum(fst.weight[a]!));
  const finals = new PairTable();
  const final = new Int32Array(numStates);
  for (let s = 0; s < numStates; s++) final[s] = finals.add(quantum(fst.final[s]!), 0);
  return isDeterministic(fst, code)
    ? refineDeterministic(fst, code, codes.size, final, finals.size)
    : refineByRounds(fst, code, final, finals.size);
}

function isDeterministic(fst: Fst, code: Int32Array): boolean {
  const seenAt = new Map<number, number>();
  for (let s = 0; s < fst.numStates; s++)
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      if (seenAt.get(code[a]!) === s) return false;
      seenAt.set(code[a]!, s);
    }
  return true;
}

function refineDeterministic(
  fst: Fst,
  code: Int32Array,
  codes: number,
  final: Int32Array,
  finals: number,
): StateClasses {
  const { numStates, numArcs, firstArc, nextState } = fst;
  const from = new Int32Array(numArcs);
  const firstInto = new Int32Array(numStates + 1);
  for (let s = 0; s < numStates; s++)
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      from[a] = s;
      firstInto[nextState[a]! + 1]!++;
    }
  for (let s = 0; s < numStates; s++) firstInto[s + 1]! += firstInto[s]!;
  const into = new Int32Array(numArcs);
  const place = firstInto.slice();
  for (let a = 0; a < numArcs; a++) into[place[nextState[a]!]!++] = a;

  const blocks = new Partition(final, finals);
  const cords = new Partition(code, codes);
  let block = 1;
  for (let cord = 0; cord < cords.sets; cord++) {
    for (let i = cords.begin[cord]!; i < cords.end[cord]!; i++) blocks.mark(from[cords.elements[i]!]!);
    blocks.split();
    for (; block < blocks.sets; block++) {
      for (let i = blocks.begin[block]!; i < blocks.end[block]!; i++) {
        const s = blocks.elements[i]!;
        for (let j = firstInto[s]!; j < firstInto[s + 1]!; j++) cords.mark(into[j]!);
      }
      cords.split();
    }
  }
  return { classOf: blocks.setOf, count: blocks.sets };
}

function refineByRounds(fst: Fst, code: Int32Array, final: Int32Array, finals: number): StateClasses {
  let classOf = final;
  let count = finals;
  for (;;) {
    const next = new Int32Array(fst.numStates);
    const signatures = new Map<string, number>();
    for (let s = 0; s < fst.numStates; s++) {
      const arcs: string[] = [];
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
        arcs.push(`${code[a]} ${classOf[fst.nextState[a]!]}`);
      const signature = `${classOf[s]} ${arcs.sort().join(',')}`;
      const known = signatures.get(signature) ?? signatures.size;
      signatures.set(signature, known);
      next[s] = known;
    }
    if (signatures.size === count) return { classOf: next, count };
    classOf = next;
    count = signatures.size;
  }
}
