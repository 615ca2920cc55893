import type { Matrix } from '@jebena/io-ark';
import { alignedNumerator } from './aligned-numerator.js';
import { loopedNumerator } from './looped-numerator.js';
import { scaledNumerator } from './scaled-numerator.js';
import type { AddPosterior } from './sequence-output.js';
import type { Supervision } from './supervision.js';
import { pdfOf } from './unfit.js';

/**
 * Forward-backward over what the supervision allows (chain/chain-numerator.cc, and chain-generic-numerator.cc for
 * end-to-end supervision).
 *
 * @param output rows ordered by frame, then by sequence; a column for each pdf
 * @param add is given the posteriors of pdfs, few of all
 * @returns log-probability of all sequences together; -Infinity where there is no way through
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where an acceptor does not fit the output
 */
export function numeratorForwardBackward(supervision: Supervision, output: Matrix, add: AddPosterior): number {
  const { numSequences, framesPerSequence, fst, e2eFsts, lengths } = supervision;
  const { cols, data } = output;
  if (fst) return alignedNumerator(fst, output, numSequences, framesPerSequence, add);
  let logProb = 0;
  e2eFsts!.forEach((one, n) => {
    const pdf = Int32Array.from(one.ilabel, (label) => pdfOf(label, cols));
    const frames = lengths?.[n] ?? framesPerSequence;
    const sequence = { data, add, start: n * cols, stride: numSequences * cols, frames };
    logProb += scaledNumerator(one, pdf, sequence) ?? loopedNumerator(one, pdf, sequence);
  });
  return logProb;
}
