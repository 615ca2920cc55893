import * as fc from 'fast-check';
import { type Fst, FstBuilder, type Semiring } from '@jebena/wfst';

export interface RandomFst {
  readonly states?: number;
  readonly arcs?: number;
  /** Labels are 0 (epsilon, unless left out) to this. */
  readonly labels?: number;
  readonly epsilons?: boolean;
  readonly acyclic?: boolean;
  readonly acceptor?: boolean;
  readonly semiring?: Semiring;
}

/** Random machines; costs are multiples of 1/4, so that sums of them are exact. */
export function randomFst(shape: RandomFst = {}): fc.Arbitrary<Fst> {
  const { states = 6, arcs = 12, labels = 3, epsilons = true, acyclic = true, acceptor = false, semiring } = shape;
  const label = fc.integer({ min: epsilons ? 0 : 1, max: labels });
  const arc = fc.record({
    from: fc.nat(states - 1),
    to: fc.nat(states - 1),
    il: label,
    ol: label,
    weight: fc.nat(12),
  });
  const final = fc.record({ state: fc.nat(states - 1), weight: fc.nat(12) });
  return fc
    .record({ arcs: fc.array(arc, { maxLength: arcs }), finals: fc.array(final, { minLength: 1, maxLength: 3 }) })
    .map((made) => {
      const b = new FstBuilder({ semiring });
      b.ensureStates(states);
      b.setStart(0);
      for (const { state, weight } of made.finals) b.setFinal(state, weight / 4);
      for (const { from, to, il, ol, weight } of made.arcs) {
        if (acyclic && from === to) continue;
        const [s, t] = acyclic ? [Math.min(from, to), Math.max(from, to)] : [from, to];
        b.addArc(s, il, acceptor ? il : ol, weight / 4, t);
      }
      return b.build();
    });
}
