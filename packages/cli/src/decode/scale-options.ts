import { float } from '@jebena/options';

/** The scales that lattice programs take (options of several of Kaldi's programs). */
export const scaleOptions = {
  acousticScale: float(1, 'Scaling factor for acoustic likelihoods'),
  lmScale: float(1, 'Scaling factor for graph/LM costs'),
};
