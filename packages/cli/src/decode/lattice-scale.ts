import { scaleLattice } from '@jebena/decode';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-scale',
  summary: 'Applies scaling to lattice weights.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    ...scaleOptions,
    invAcousticScale: float(1, 'An alternative way of setting the acoustic scale: its inverse'),
    acoustic2lmScale: float(0, 'Add this times original acoustic costs to LM costs'),
    lm2acousticScale: float(0, 'Add this times original LM costs to acoustic costs'),
  }),
  args: [2, 2],
  run: (files, { acousticScale, invAcousticScale, lmScale, acoustic2lmScale, lm2acousticScale }, context) => {
    const scales = {
      lmScale,
      acousticScale: invAcousticScale === 1 ? acousticScale : 1 / invAcousticScale,
      acousticToLm: acoustic2lmScale,
      lmToAcoustic: lm2acousticScale,
    };
    return copyLattices(files, (lattice) => scaleLattice(lattice, scales), context);
  },
});
