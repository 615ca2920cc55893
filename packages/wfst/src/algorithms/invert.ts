import type { Fst } from '../fst.js';

/** Input and output changed over. */
export const invert = (fst: Fst): Fst =>
  fst.with({
    ilabel: fst.olabel,
    olabel: fst.ilabel,
    inputSymbols: fst.outputSymbols,
    outputSymbols: fst.inputSymbols,
  });
