import { connect, type Fst, FstBuilder, PairTable } from '@jebena/wfst';
import { LabelHeap } from './label-heap.js';
import { StatePartition } from './state-partition.js';

/** Costs are rounded to multiples of it: ten times OpenFst's kDelta. */
const delta = 10 / 1024;

/** A label with its cost, as a number, and where the arc leads. */
type Arc = readonly [code: number, to: number];

/**
 * Merges states of an acceptor that go on alike, label and rounded cost of an arc taken as one symbol
 * (MinimizeAcceptorNoPush in chain/chain-den-graph.cc).
 *
 * OpenFst, on which Kaldi builds here, tells states apart at first by their arcs in the order in which they stand, so
 * that some stay apart that could be merged; and what is merged decides where costs are rounded. To give Kaldi's graph,
 * state by state, this goes about it as OpenFst does (CyclicMinimizer in fst/minimize.h; J. Hopcroft, "An n log n algorithm for
 * minimizing states in a finite automaton", 1971).
 */
export function minimizeAcceptor(fst: Fst): Fst {
  const { arcs, codes } = encode(fst);
  const partition = refine(arcs);
  const end = fst.numStates;
  // The first of each class stands for all.
  const first = Array.from({ length: partition.count }, (_, c) => partition.members(c).next().value as number);
  const stands = (s: number): number => first[partition.classOf[s]!]!;
  const kept = first.filter((s) => s !== end).sort((a, b) => a - b);
  const place = new Map(kept.map((s, i) => [s, i]));
  const b = new FstBuilder({ states: kept.length });
  b.ensureStates(kept.length);
  b.setStart(place.get(stands(fst.start))!);
  kept.forEach((s, i) => {
    // By label and where it leads, which together stand for themselves in order.
    const all = new Set<number>();
    for (const member of partition.members(partition.classOf[s]!))
      for (const [code, to] of arcs[member]!) all.add(code * (end + 1) + stands(to));
    for (const arc of Float64Array.from(all).sort()) {
      const code = Math.floor(arc / (end + 1));
      const to = arc - code * (end + 1);
      const cost = Math.fround(codes.second(code) * delta);
      if (to === end) b.setFinal(i, cost);
      else b.addArc(i, codes.first(code), codes.first(code), cost, place.get(to)!);
    }
  });
  return connect(b.build());
}

/** How many times `delta` a cost is, in single precision as Kaldi has it. */
const steps = (cost: number): number => Math.floor(Math.fround(Math.fround(cost / delta) + 0.5));

/** Arcs with label and rounded cost as one number, as they come; final costs are arcs to one last state. */
function encode(fst: Fst): { arcs: readonly (readonly Arc[])[]; codes: PairTable } {
  const codes = new PairTable(fst.numArcs);
  const arcs: Arc[][] = [];
  for (let s = 0; s < fst.numStates; s++) {
    const own: Arc[] = [];
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      own.push([codes.add(fst.ilabel[a]!, steps(fst.weight[a]!)), fst.nextState[a]!]);
    if (fst.isFinal(s)) own.push([codes.add(0, steps(fst.final[s]!)), fst.numStates]);
    arcs.push(own);
  }
  return { arcs: [...arcs, []], codes };
}

function refine(arcs: readonly (readonly Arc[])[]): StatePartition {
  const known = new Map<string, number>();
  const classes = arcs.map((own, s) => {
    const codes = own.map(([code]) => code).filter((code, i, all) => code !== all[i - 1]);
    const key = `${s === arcs.length - 1} ${codes.join(' ')}`;
    const found = known.get(key) ?? known.size;
    known.set(key, found);
    return found;
  });
  const into: [code: number, from: number][][] = arcs.map(() => []);
  arcs.forEach((own, s) => own.forEach(([code, to]) => into[to]!.push([code, s])));
  for (const list of into) list.sort((a, b) => a[0] - b[0]);
  const labels = into.map((list) => list.map(([code]) => code));
  const partition = new StatePartition(classes, known.size);
  const waiting = Array.from({ length: known.size }, (_, c) => c);
  const heap = new LabelHeap();
  for (let c = waiting.pop(); c !== undefined; c = waiting.pop()) {
    for (const state of partition.members(c))
      if (into[state]!.length > 0) heap.push({ labels: labels[state]!, state, at: 0 });
    let before = -1;
    while (heap.size > 0) {
      const place = heap.pop();
      const [code, from] = into[place.state]![place.at]!;
      if (code !== before) waiting.push(...partition.split());
      before = code;
      if (partition.size(partition.classOf[from]!) > 1) partition.mark(from);
      if (++place.at < place.labels.length) heap.push(place);
    }
    waiting.push(...partition.split());
  }
  return partition;
}
