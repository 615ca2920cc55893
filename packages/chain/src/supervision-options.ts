import { atLeast, bool, defineOptions, float, int, type OptionValues, within } from '@jebena/options';

/** How alignments and lattices become supervision (SupervisionOptions in chain/chain-supervision.h). */
export const supervisionOptions = defineOptions({
  leftTolerance: int(5, 'Frames by which a phone may come earlier than in the alignment', atLeast(0)),
  rightTolerance: int(5, 'Frames by which a phone may go on longer than in the alignment', atLeast(0)),
  frameSubsamplingFactor: int(1, 'Frames of the alignment for each output of the network', atLeast(1)),
  weight: float(1, 'Weight of the supervision in training', atLeast(0)),
  lmScale: float(0, "Scale of the lattice's graph costs in the supervision, below 1", within(0, 1 - 1e-6)),
  convertToPdfs: bool(true, 'Labels are pdf + 1; else transition ids, for supervision to be made unconstrained'),
});

export type SupervisionOptions = Partial<OptionValues<typeof supervisionOptions>>;
