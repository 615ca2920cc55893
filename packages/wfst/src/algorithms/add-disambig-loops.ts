import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { appendStates, builderLike } from './union.js';

/**
 * Lets disambiguation symbols pass: wherever a word can start or the machine can end (the state is final or has an
 * arc with output) a loop takes `inputs[i]` and gives `outputs[i]`. Kaldi's fstaddselfloops.
 *
 * @throws FstError `ERR_FST_INVALID` where the two lists differ in length
 */
export function addDisambigLoops(fst: Fst, inputs: ArrayLike<number>, outputs: ArrayLike<number>): Fst {
  if (inputs.length !== outputs.length)
    throw new FstError(
      'ERR_FST_INVALID',
      `expected as many output symbols as input symbols, ${inputs.length}, found ${outputs.length}`,
    );
  const out = builderLike(fst);
  appendStates(out, fst, (s, w) => out.setFinal(s, w));
  if (fst.start >= 0) out.setStart(fst.start);
  for (let s = 0; s < fst.numStates; s++) {
    let needed = fst.isFinal(s);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) needed ||= fst.olabel[a] !== 0;
    if (needed) for (let i = 0; i < inputs.length; i++) out.addArc(s, inputs[i]!, outputs[i]!, 0, s);
  }
  return out.build();
}
