import { atLeast, choice, defineOptions, float, int, type OptionValues, text } from '@jebena/options';

/** What the recipe takes. */
export const chainOptions = defineOptions({
  fsdd: text(
    '../shared/fsdd',
    "Folder with recordings/, train.tsv, test.tsv and kaldi/, what Kaldi's recipe made of them",
  ),
  chain: text('../shared/golden/chain', 'Folder with tree, 0.trans_mdl and phone_lm.fst'),
  xconfig: text('../shared/golden/decode/network.xconfig', 'The network'),
  graph: text('../shared/golden/decode/HCLG.fst', 'The decoding graph, over the transition ids of 0.trans_mdl'),
  words: text('../shared/golden/decode/words.txt', 'Its words'),
  epochs: int(5, 'Epochs: as many passes for each of three frame shifts', atLeast(1)),
  passes: int(0, 'Stop after so many passes; 0: make all', atLeast(0)),
  strings: int(0, 'Train on the first so many strings only; 0: on all', atLeast(0)),
  tests: int(0, 'Test on the first so many strings only; 0: on all', atLeast(0)),
  minibatch: text('64,32', "Sequences of a minibatch, by Kaldi's rule"),
  initialRate: float(0.002, 'Learning rate at the start', atLeast(0)),
  finalRate: float(0.0002, 'Learning rate at the end', atLeast(0)),
  average: int(5, 'The model is the average of those after the last so many passes', atLeast(1)),
  seed: int(1, 'Seed of every random draw'),
  engine: choice('auto', ['auto', 'tensorflow', 'tfjs-wasm', 'tfjs-cpu'], 'Engine that computes'),
  precision: choice('float32', ['float32', 'mixed'], 'Precision of matrix products'),
});

export type ChainRecipeOptions = OptionValues<typeof chainOptions>;
