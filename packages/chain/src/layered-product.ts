import { arcSort, type Fst, FstBuilder } from '@jebena/wfst';
import { breadthFirst } from './breadth-first.js';
import { ChainError } from './errors.js';

/** Costs closer than this are taken as equal, as OpenFst has it. */
const delta = 1 / 1024;
/** As in Kaldi: more states than this come of a very strange transcript. */
const mostStates = 200_000;

/** Where the arcs of a state with a label stand, by state and label. */
type ArcIndex = ReadonlyMap<number, readonly [from: number, to: number]>;

interface Indexed {
  readonly fst: Fst;
  /** One more than the highest label. */
  readonly labels: number;
  readonly index: ArcIndex;
}

const indexes = new WeakMap<Fst, Indexed>();

function indexOf(given: Fst): Indexed {
  let found = indexes.get(given);
  if (!found) {
    const fst = arcSort(given);
    const labels = 1 + fst.ilabel.reduce((a, b) => Math.max(a, b), 0);
    const index = new Map<number, readonly [number, number]>();
    for (let s = 0; s < fst.numStates; s++)
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!;) {
        const from = a;
        while (a < fst.firstArc[s + 1]! && fst.ilabel[a] === fst.ilabel[from]) a++;
        index.set(s * labels + fst.ilabel[from]!, [from, a]);
      }
    indexes.set(given, (found = { fst, labels, index }));
  }
  return found;
}

/** Where paths of one label sequence stand: pairs of a state of each graph, and what each costs beyond the best. */
interface Subset {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly rest: readonly number[];
}

interface State {
  readonly arcs: { readonly label: number; readonly cost: number; readonly to: number }[];
  final: number;
}

/**
 * What an acceptor whose paths are all equally long says, at its cost there plus its cost in another acceptor: composed,
 * determinized (of paths that say the same the best counts) and minimized, in one pass forward and one back. The general
 * algorithms give the same; this one is for chunks, of which there are many, and small ones.
 *
 * @param a without epsilons, all paths of the same length
 * @param b without epsilons; how its arcs lie by label is remembered
 * @returns the empty acceptor where the second says nothing of the first
 */
export const layeredProduct = (a: Fst, b: Fst): Fst => minimized(product(a, b));

function product(a: Fst, other: Fst): State[] {
  const { fst: b, labels, index } = indexOf(other);
  const states: State[] = [];
  const subsets: Subset[] = [];
  const known = new Map<string, number>();
  const stateFor = (subset: Subset): number => {
    let key = '';
    for (let i = 0; i < subset.a.length; i++)
      key += `${subset.a[i]} ${subset.b[i]} ${Math.floor(subset.rest[i]! / delta + 0.5)};`;
    let state = known.get(key);
    if (state === undefined) {
      known.set(key, (state = states.push({ arcs: [], final: Infinity }) - 1));
      subsets.push(subset);
      if (states.length > mostStates)
        throw new ChainError(
          'ERR_CHAIN_SUPERVISION',
          `supervision: more than ${mostStates} states with the normalization graph`,
        );
    }
    return state;
  };
  if (a.start >= 0 && b.start >= 0) stateFor({ a: [a.start], b: [b.start], rest: [0] });
  for (let s = 0; s < states.length; s++) {
    const here = subsets[s]!;
    // By label: the pairs that it leads to, each at the least cost.
    const reached = new Map<number, Map<number, number>>();
    here.a.forEach((stateA, i) => {
      const stateB = here.b[i]!;
      const rest = here.rest[i]!;
      states[s]!.final = Math.min(states[s]!.final, rest + a.final[stateA]! + b.final[stateB]!);
      for (let x = a.firstArc[stateA]!; x < a.firstArc[stateA + 1]!; x++) {
        const label = a.ilabel[x]!;
        const range = index.get(stateB * labels + label);
        if (!range || label >= labels) continue;
        const pairs = reached.get(label) ?? new Map<number, number>();
        reached.set(label, pairs);
        for (let y = range[0]; y < range[1]; y++) {
          const pair = a.nextState[x]! * b.numStates + b.nextState[y]!;
          const cost = rest + a.weight[x]! + b.weight[y]!;
          if (cost < (pairs.get(pair) ?? Infinity)) pairs.set(pair, cost);
        }
      }
    });
    for (const [label, pairs] of [...reached].sort((x, y) => x[0] - y[0])) {
      const least = Math.min(...pairs.values());
      const order = Float64Array.from(pairs.keys()).sort();
      const stateA = Array.from(order, (pair) => Math.floor(pair / b.numStates));
      const next = {
        a: stateA,
        b: stateA.map((of, i) => order[i]! - of * b.numStates),
        rest: Array.from(order, (pair) => pairs.get(pair)! - least),
      };
      states[s]!.arcs.push({ label, cost: least, to: stateFor(next) });
    }
  }
  return states;
}

/** Costs pushed towards the start, and states that then go on alike made one. States come in order of time. */
function minimized(states: readonly State[]): Fst {
  const ahead = new Float64Array(states.length);
  const sameAs = new Int32Array(states.length);
  const known = new Map<string, number>();
  for (let s = states.length - 1; s >= 0; s--) {
    const { arcs, final } = states[s]!;
    let least = final;
    for (const { cost, to } of arcs) least = Math.min(least, cost + ahead[to]!);
    ahead[s] = least;
    if (least === Infinity) continue;
    let key = `${Math.floor((final - least) / delta + 0.5)}`;
    for (const { label, cost, to } of arcs)
      if (ahead[to]! < Infinity)
        key += ` ${label} ${Math.floor((cost + ahead[to]! - least) / delta + 0.5)} ${sameAs[to]}`;
    sameAs[s] = known.get(key) ?? s;
    known.set(key, sameAs[s]!);
  }
  const out = new FstBuilder();
  if (states.length === 0 || ahead[0] === Infinity) return out.build();
  const place = new Map<number, number>();
  for (let s = 0; s < states.length; s++) if (ahead[s]! < Infinity && sameAs[s] === s) place.set(s, out.addState());
  out.setStart(place.get(sameAs[0]!)!);
  for (const [s, from] of place) {
    // The cost of all paths stands at the start.
    const less = s === sameAs[0] ? 0 : ahead[s]!;
    const { arcs, final } = states[s]!;
    out.setFinal(from, final - less);
    for (const { label, cost, to } of arcs)
      if (ahead[to]! < Infinity) out.addArc(from, label, label, cost + ahead[to]! - less, place.get(sameAs[to]!)!);
  }
  return breadthFirst(out.build());
}
