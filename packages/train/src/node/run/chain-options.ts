import { atLeast, bool, defineOptions, float, int, text, within } from '@jebena/options';

/** Options of a run by LF-MMI, by the names that steps/nnet3/chain/train.py gives them. */
export const chainRunOptions = defineOptions({
  treeDir: text(
    '',
    'Train by lattice-free MMI: folder with tree, final.mdl and the alignments that phones are counted in',
  ),
  latDir: text('', 'Folder of numerator lattices: lat.*.gz and final.mdl, the model of their transition ids'),
  'chain.denFst': text('', 'Train by lattice-free MMI with this denominator graph instead of one made from --tree-dir'),
  'chain.lmOpts': text('', 'Options of chain-est-phone-lm'),
  'chain.l2Regularize': float(0, 'Factor c of -c/2 |output|^2 in the objective', atLeast(0)),
  'chain.xentRegularize': float(0, "Scale of the derivative of the branch 'output-xent'; 0: without it", atLeast(0)),
  'chain.leakyHmmCoefficient': float(1e-5, 'Share of probability that starts anew at each frame', within(1e-20, 0.999)),
  'chain.applyDerivWeights': bool(true, 'Weigh the derivatives of frames as the examples say'),
  'chain.frameSubsamplingFactor': int(3, 'Frames of features for each output frame', atLeast(1)),
  'chain.alignmentSubsamplingFactor': int(3, 'Frames of the lattices for each output frame', atLeast(1)),
  'chain.leftTolerance': int(5, 'Frames by which phones may begin earlier than in the lattices', atLeast(0)),
  'chain.rightTolerance': int(5, 'Frames by which phones may end later than in the lattices', atLeast(0)),
});

interface Chosen {
  readonly treeDir: string;
  readonly 'chain.denFst': string;
  readonly 'chain.frameSubsamplingFactor': number;
}

/** Whether a run trains by LF-MMI. */
export const isChain = (options: Chosen): boolean => options.treeDir !== '' || options['chain.denFst'] !== '';

/** Frames of features for each frame of the network's output. */
export const subsampling = (options: Chosen): number =>
  isChain(options) ? options['chain.frameSubsamplingFactor'] : 1;
