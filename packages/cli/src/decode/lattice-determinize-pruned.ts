import { determinizePruned, scaleLattice } from '@jebena/decode';
import { bool, defineOptions, float, int } from '@jebena/options';
import { latticeOf } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-determinize-pruned',
  summary: 'Determinizes lattices on their words, keeping the best path for each sequence, within a beam.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    acousticScale: float(1, 'Scaling factor for acoustic likelihoods'),
    beam: float(10, 'Pruning beam [applied after acoustic scaling]'),
    minimize: bool(false, 'Kaldi pushes and minimizes here; paths are the same either way'),
    delta: float(1 / 1024, 'Tolerance used in determinization'),
    maxMem: int(50_000_000, 'Memory that may be used, roughly, in bytes; 0: no limit'),
    retryCutoff: float(0.5, 'A result of less than this share of the beam is made anew with a narrower one'),
    maxArcs: int(-1, 'Most arcs of the result; -1: no limit'),
  }),
  args: [2, 2],
  run: (files, { acousticScale, beam, delta, maxMem, retryCutoff, maxArcs }, context) =>
    copyLattices(
      files,
      (lattice, key) => {
        const scaled = latticeOf(scaleLattice(lattice, { acousticScale }));
        const made = determinizePruned(scaled, {
          beam,
          delta,
          maxMem,
          retryCutoff,
          maxArcs: maxArcs < 0 ? undefined : maxArcs,
          onNarrowed: (reached) =>
            context.warn(
              `Did not reach the beam ${beam} in determinization of ${key}: effective beam was ${reached.toPrecision(6)}`,
            ),
        });
        return scaleLattice(made, { acousticScale: 1 / acousticScale });
      },
      context,
    ),
});
