import { atLeast, bool, choice, defineOptions, int, type OptionValues, text } from '@jebena/options';

/** What `npm start -- OPTIONS` takes. */
export const digitsOptions = defineOptions({
  out: text(
    'out/digits',
    'Folder for the model, the results and the report; a run that was interrupted goes on from it',
  ),
  recordings: text('', 'Folder of recordings DIGIT_SPEAKER_TAKE.wav to use instead of the embedded features'),
  train: text('', 'List of training strings, with --recordings'),
  test: text('', 'List of test strings, with --recordings; several, separated by commas, are tested one by one'),
  leaveOut: text('', 'Speaker to keep out of training and to test on'),
  strings: int(0, 'Train on the first so many strings only; 0 takes all', atLeast(0)),
  objective: choice(
    'lf-mmi',
    ['lf-mmi', 'ce'],
    'What is trained: lattice-free MMI, or cross-entropy on alignments that the recipe makes',
  ),
  arch: text('', "xconfig=FILE: a network to train instead of the recipe's own"),
  epochs: int(
    0,
    'Passes over the training data (with ce after the last realignment); 0: as many as are good',
    atLeast(0),
  ),
  seed: int(1, 'Seed of every random draw'),
  engine: choice('auto', ['auto', 'tensorflow', 'tfjs-wasm', 'tfjs-cpu'], 'Engine that computes'),
  precision: choice('float32', ['float32', 'mixed'], 'Precision of matrix products'),
  restart: bool(false, 'Throw away what an earlier run left in --out and begin anew'),
});

export type DigitsOptions = OptionValues<typeof digitsOptions>;
