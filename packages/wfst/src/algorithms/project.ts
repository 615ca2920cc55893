import type { Fst } from '../fst.js';

/** The acceptor of a transducer's input (or output) strings: both labels of each arc become that one. */
export function project(fst: Fst, side: 'input' | 'output' = 'input'): Fst {
  if (side === 'input') return fst.with({ olabel: fst.ilabel, outputSymbols: fst.inputSymbols });
  return fst.with({ ilabel: fst.olabel, inputSymbols: fst.outputSymbols });
}
