import { pruneLattice } from '@jebena/decode';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-prune',
  summary: 'Keeps the arcs on paths within a beam of the best.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    acousticScale: float(1, 'Scaling factor for acoustic likelihoods'),
    invAcousticScale: float(1, 'An alternative way of setting the acoustic scale: its inverse'),
    beam: float(10, 'Pruning beam [applied after acoustic scaling]'),
  }),
  args: [2, 2],
  run: (files, { acousticScale: scale, invAcousticScale, beam }, context) => {
    const acousticScale = invAcousticScale === 1 ? scale : 1 / invAcousticScale;
    return copyLattices(files, (lattice) => pruneLattice(lattice, beam, { acousticScale }), context);
  },
});
