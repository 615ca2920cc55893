import { alignWords, type WordAlignment } from '@jebena/decode';
import type { TransitionModel } from '@jebena/hmm';
import type { ProgramContext } from '../program.js';
import { copyLattices, needed } from './lattice-program.js';

/** Aligns the words of a table of lattices. */
export const alignLattices = (
  files: readonly string[],
  model: TransitionModel,
  alignment: WordAlignment,
  outputErrorLats: boolean,
  context: ProgramContext,
): Promise<number> =>
  copyLattices(
    files,
    (lattice, key) => {
      const aligned = alignWords(lattice, model, alignment);
      if (aligned || !outputErrorLats) return needed(aligned, 'way to align the words');
      context.warn(`${key}: no path's phones fit its words; written as it is`);
      return lattice;
    },
    context,
  );
