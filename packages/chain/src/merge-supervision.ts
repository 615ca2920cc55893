import { type Fst, FstBuilder } from '@jebena/wfst';
import type { Supervision } from './supervision.js';

/**
 * Joins supervisions of equal length to one of several sequences, in their order (Kaldi: MergeSupervision).
 *
 * @throws RangeError when they differ in weight, length, pdfs or kind
 */
export function mergeSupervisions(parts: readonly Supervision[]): Supervision {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  for (const part of parts) {
    for (const field of ['weight', 'framesPerSequence', 'labelDim'] as const)
      if (part[field] !== first[field])
        throw new RangeError(`merging supervisions: expected ${field} ${first[field]}, found ${part[field]}`);
    if (!part.fst !== !first.fst || !part.alignmentPdfs !== !first.alignmentPdfs)
      throw new RangeError(
        'merging supervisions: expected all of one kind, found end-to-end or aligned ones beside others',
      );
  }
  const { weight, framesPerSequence, labelDim } = first;
  return {
    weight,
    framesPerSequence,
    labelDim,
    numSequences: parts.reduce((sum, part) => sum + part.numSequences, 0),
    ...(first.fst ? { fst: concatenate(parts.map((p) => p.fst!)) } : { e2eFsts: parts.flatMap((p) => p.e2eFsts!) }),
    alignmentPdfs: first.alignmentPdfs && interleave(parts),
    ...(parts.some((part) => part.lengths) && {
      lengths: Int32Array.from(parts.flatMap((part) => [...lengthsOf(part)])),
    }),
  };
}

/** Output frames of each sequence. */
const lengthsOf = ({ lengths, numSequences, framesPerSequence }: Supervision): Iterable<number> =>
  lengths ?? new Int32Array(numSequences).fill(framesPerSequence);

function interleave(parts: readonly Supervision[]): Int32Array {
  const { framesPerSequence } = parts[0]!;
  const total = parts.reduce((sum, part) => sum + part.numSequences, 0);
  const pdfs = new Int32Array(total * framesPerSequence);
  let n = 0;
  for (const { alignmentPdfs, numSequences } of parts) {
    for (let t = 0; t < framesPerSequence; t++)
      for (let i = 0; i < numSequences; i++) pdfs[t * total + n + i] = alignmentPdfs![t * numSequences + i]!;
    n += numSequences;
  }
  return pdfs;
}

/**
 * Acceptors one after the other, without epsilons: a final state of one takes the arcs of the next one's start.
 * States are numbered breadth first, as Kaldi sorts them.
 */
function concatenate(fsts: readonly Fst[]): Fst {
  const builder = new FstBuilder();
  const numbers = fsts.map((fst) => new Int32Array(fst.numStates).fill(-1));
  const queue: (readonly [number, number])[] = [];
  const number = (part: number, state: number): number => {
    if (numbers[part]![state]! < 0) {
      numbers[part]![state] = builder.addState();
      queue.push([part, state]);
    }
    return numbers[part]![state]!;
  };
  builder.setStart(number(0, fsts[0]!.start));
  for (let head = 0; head < queue.length; head++) {
    const [first, state] = queue[head]!;
    const from = numbers[first]![state]!;
    const arcs: { label: number; cost: number; part: number; next: number }[] = [];
    let end = Infinity;
    // Where the state is final, the arcs of the next start follow its own.
    for (let part = first, source = state, cost = 0; cost < Infinity; source = fsts[part]!.start) {
      const fst = fsts[part]!;
      for (let a = fst.firstArc[source]!; a < fst.firstArc[source + 1]!; a++)
        arcs.push({ label: fst.ilabel[a]!, cost: cost + fst.weight[a]!, part, next: fst.nextState[a]! });
      cost += fst.final[source]!;
      if (++part < fsts.length) continue;
      end = cost;
      break;
    }
    // OpenFst's removal of epsilons, which Kaldi uses here, turns the order of arcs round.
    for (const arc of arcs.reverse()) builder.addArc(from, arc.label, arc.label, arc.cost, number(arc.part, arc.next));
    if (end < Infinity) builder.setFinal(from, end);
  }
  return builder.build();
}
