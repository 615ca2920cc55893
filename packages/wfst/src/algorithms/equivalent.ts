import type { Fst } from '../fst.js';
import { determinize } from './determinize-star.js';
import { connect } from './connect.js';
import { PairTable } from './pair-table.js';
import { removeEpsilons } from './remove-epsilons.js';
import { push } from './push.js';

export interface EquivalentOptions {
  /** How far the costs of a string may differ; 1/1024 unless given. */
  readonly delta?: number | undefined;
}

/**
 * Whether two machines give the same cost to every string. Labels are taken in pairs: two transducers that give the
 * same outputs at other places are not equivalent in this sense ({@link randomlyEquivalent} tests the relation).
 * Both are made epsilon-free, deterministic and pushed, then walked side by side (J. Hopcroft and R. Karp, 1971).
 *
 * @throws FstError where a machine cannot be determinized
 */
export function equivalent(a: Fst, b: Fst, { delta = 1 / 1024 }: EquivalentOptions = {}): boolean {
  const codes = new PairTable();
  codes.add(0, 0);
  const [x, y] = [canonical(a, codes), canonical(b, codes)];
  if (x.start < 0 || y.start < 0) return x.start === y.start;
  const pairs = new PairTable();
  pairs.add(x.start, y.start);
  const close = (v: number, w: number): boolean => v === w || Math.abs(v - w) <= delta;
  for (let i = 0; i < pairs.size; i++) {
    const [s, t] = [pairs.first(i), pairs.second(i)];
    if (!close(x.final[s]!, y.final[t]!)) return false;
    const [from, to] = [x.firstArc[s]!, x.firstArc[s + 1]!];
    if (to - from !== y.firstArc[t + 1]! - y.firstArc[t]!) return false;
    const byLabel = new Map<number, number>();
    for (let m = y.firstArc[t]!; m < y.firstArc[t + 1]!; m++) byLabel.set(y.ilabel[m]!, m);
    for (let n = from; n < to; n++) {
      const m = byLabel.get(x.ilabel[n]!);
      if (m === undefined || !close(x.weight[n]!, y.weight[m]!)) return false;
      pairs.add(x.nextState[n]!, y.nextState[m]!);
    }
  }
  return true;
}

/** A deterministic, pushed acceptor over pairs of labels. */
function canonical(fst: Fst, codes: PairTable): Fst {
  const code = fst.ilabel.map((il, a) => codes.add(il, fst.olabel[a]!));
  const plain = connect(removeEpsilons(fst.with({ ilabel: code, olabel: code })));
  return push(determinize(plain, { delta: 1e-5 }));
}
