import { atLeast, choice, defineOptions, float, int, type OptionValues, text } from '@jebena/options';

export const networkNames = ['tdnn', 'lstmp', 'cnn-tdnn'] as const;
export type NetworkName = (typeof networkNames)[number];

/** What `node apps/recipes/dist/digits-from-alignments/main.js` takes. */
export const recipeOptions = defineOptions({
  recordings: text('', 'Folder of recordings DIGIT_SPEAKER_TAKE.wav'),
  train: text('', 'List of training strings'),
  test: text('', 'List of test strings'),
  kaldi: text('', 'Folder with tri_ali_train, tri_ali_test and graph, as a Kaldi recipe leaves them'),
  out: text('out/digits-from-alignments', 'Folder for data and models'),
  network: choice('all', ['all', ...networkNames], 'Which network to train'),
  epochs: float(0, 'Passes over the data; 0: as many as the network is given in training.ts', atLeast(0)),
  strings: int(0, 'Train on the first so many strings only; 0: on all', atLeast(0)),
  threads: int(0, 'Threads of the engine in each job; 0: the cores shared among the jobs', atLeast(0)),
  engine: choice('auto', ['auto', 'tensorflow', 'tfjs-wasm', 'tfjs-cpu'], 'Engine that computes'),
});

export type RecipeOptions = OptionValues<typeof recipeOptions>;
