import type { Fst } from '../fst.js';
import { EMPTY, StringTable } from './string-table.js';
import { reverseArcs } from './reverse.js';
import { builderLike } from './union.js';
import { components } from './scc.js';

/**
 * Moves output labels as far towards the start as they go: each state gives at once what every way on from it would
 * give. Every state must lie on a path to a final one.
 */
export function pushLabels(fst: Fst): Fst {
  const strings = new StringTable();
  const prefix = commonOutputs(fst, strings);
  const out = builderLike(fst);
  out.ensureStates(fst.numStates);
  let start = fst.start;
  const ahead = strings.labels(prefix[start]!);
  if (ahead.length > 0) {
    const before = out.addState();
    emit(before, 0, 0, ahead, fst.start);
    start = before;
  }
  out.setStart(start);
  for (let s = 0; s < fst.numStates; s++) {
    if (fst.isFinal(s)) out.setFinal(s, fst.final[s]!);
    const given = strings.length(prefix[s]!);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const whole = joined(strings, fst.olabel[a]!, prefix[fst.nextState[a]!]!);
      emit(s, fst.ilabel[a]!, fst.weight[a]!, whole.subarray(given), fst.nextState[a]!);
    }
  }
  return out.build();

  function emit(from: number, ilabel: number, weight: number, labels: Int32Array, to: number): void {
    let s = from;
    for (let i = 0; i < Math.max(1, labels.length); i++) {
      const next = i + 1 < labels.length ? out.addState() : to;
      out.addArc(s, i === 0 ? ilabel : 0, labels[i] ?? 0, i === 0 ? weight : 0, next);
      s = next;
    }
  }
}

function joined(strings: StringTable, olabel: number, prefix: number): Int32Array {
  const rest = strings.labels(prefix);
  return olabel === 0 ? rest : Int32Array.from([olabel, ...rest]);
}

/** For each state the longest string with which the outputs of all its ways on begin. */
function commonOutputs(fst: Fst, strings: StringTable): Int32Array {
  const prefix = new Int32Array(fst.numStates).fill(-1);
  const into = reverseArcs(fst);
  const { component } = components(fst);
  const order = Array.from(prefix.keys()).sort((s, t) => component[t]! - component[s]!);
  const queued = new Uint8Array(fst.numStates).fill(1);
  for (let n = 0; n < order.length; n++) {
    const s = order[n]!;
    queued[s] = 0;
    let common = fst.isFinal(s) ? EMPTY : -1;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const next = prefix[fst.nextState[a]!]!;
      if (next < 0) continue;
      let string = EMPTY;
      for (const label of joined(strings, fst.olabel[a]!, next)) string = strings.append(string, label);
      common = common < 0 ? string : strings.commonPrefix(common, string);
    }
    if (common === prefix[s]) continue;
    prefix[s] = common;
    for (let i = into.first[s]!; i < into.first[s + 1]!; i++) {
      const p = into.to[i]!;
      if (queued[p]) continue;
      queued[p] = 1;
      order.push(p);
    }
  }
  return prefix;
}
