import { linearAcceptor } from '@jebena/hmm';
import { compose, type Fst, shortestDistance } from '@jebena/wfst';

/** The cost of all ways in which a transducer maps `input` to `output`, summed. */
export function pathCost(fst: Fst, input: number[], output: number[]): number {
  const paths = compose(compose(linearAcceptor(input), fst), linearAcceptor(output));
  if (paths.start < 0) return Infinity;
  return shortestDistance(paths, { semiring: 'log', reverse: true })[paths.start]!;
}

/** A seeded random path to a final state: its labels without epsilons. */
export function randomPath(fst: Fst, seed: number): { input: number[]; output: number[] } {
  let state = seed + 1;
  const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  for (;;) {
    const input: number[] = [];
    const output: number[] = [];
    for (let s = fst.start, length = 0; length < 2000; length++) {
      if (fst.final[s]! < Infinity && random() < 0.3) return { input, output };
      const arcs = fst.firstArc[s + 1]! - fst.firstArc[s]!;
      if (arcs === 0 && fst.final[s]! < Infinity) return { input, output };
      const a = fst.firstArc[s]! + Math.floor(random() * arcs);
      if (fst.ilabel[a] !== 0) input.push(fst.ilabel[a]!);
      if (fst.olabel[a] !== 0) output.push(fst.olabel[a]!);
      s = fst.nextState[a]!;
    }
  }
}
