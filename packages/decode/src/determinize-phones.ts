import type { TransitionModel } from '@jebena/hmm';
import { type CompactLattice, type Lattice, LatticeBuilder, latticeOf } from '@jebena/wfst';
import { determinizePruned, type DeterminizePrunedOptions } from './determinize-pruned.js';

/**
 * Determinises a state-level lattice within a beam, first on words and phones together, then on words
 * (DeterminizeLatticePhonePruned, lat/determinize-lattice-pruned.cc). The first round is quick, as little remains
 * ambiguous once the phones are known, and leaves little for the second.
 *
 * @param lattice acoustic costs scaled as they were searched with
 * @throws DecodeError for a lattice with a cycle
 */
export function determinizePhonePruned(
  lattice: Lattice,
  model: TransitionModel,
  options: DeterminizePrunedOptions,
): CompactLattice {
  const firstPhone = 1 + lattice.olabel.reduce((highest, label) => Math.max(highest, label), 0);
  const phones = latticeOf(determinizePruned(insertPhones(lattice, model, firstPhone), options));
  const words = phones.with({ olabel: phones.olabel.map((label) => (label >= firstPhone ? 0 : label)) });
  return determinizePruned(words, options);
}

/** Puts a label on each arc that begins a phone: on the arc where it has no word, behind it where it has. */
function insertPhones(lattice: Lattice, model: TransitionModel, firstPhone: number): Lattice {
  const b = new LatticeBuilder();
  b.ensureStates(lattice.numStates);
  b.setStart(lattice.start);
  for (let s = 0; s < lattice.numStates; s++) {
    if (lattice.isFinal(s)) b.setFinal(s, lattice.finalGraphCost[s]!, lattice.finalAcousticCost[s]!);
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const [ilabel, olabel] = [lattice.ilabel[a]!, lattice.olabel[a]!];
      const arc = { ilabel, olabel, graphCost: lattice.graphCost[a]!, acousticCost: lattice.acousticCost[a]! };
      const nextState = lattice.nextState[a]!;
      if (ilabel !== 0) model.checkTid(ilabel, 'lattice');
      const begins = ilabel !== 0 && model.tidToHmmState[ilabel] === 0 && !model.tidIsSelfLoop[ilabel];
      const phone = firstPhone + model.tidToPhone[ilabel]!;
      if (!begins) b.addArc(s, { ...arc, nextState });
      else if (olabel === 0) b.addArc(s, { ...arc, olabel: phone, nextState });
      else {
        const between = b.addState();
        b.addArc(s, { ...arc, nextState: between });
        b.addArc(between, { ilabel: 0, olabel: phone, graphCost: 0, acousticCost: 0, nextState });
      }
    }
  }
  return b.build();
}
