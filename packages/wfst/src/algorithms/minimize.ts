import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { type MinimizeOptions, mergeStates } from './minimize-encoded.js';
import { Property, computeProperties } from '../properties.js';
import { push } from './push.js';
import { stateClasses } from './state-classes.js';
import { connect } from './connect.js';

/**
 * The smallest deterministic machine with the same meaning: costs (and a transducer's output labels) are pushed
 * towards the start, then states that go on alike are merged. OpenFst's Minimize.
 *
 * @throws FstError `ERR_FST_NOT_DETERMINIZABLE` where the input is not deterministic
 */
export function minimize(fst: Fst, { delta = 1 / 1024 }: MinimizeOptions = {}): Fst {
  const known = computeProperties(fst);
  if ((known & Property.inputDeterministic) === 0n)
    throw new FstError(
      'ERR_FST_NOT_DETERMINIZABLE',
      'minimize: expected a deterministic machine; determinize it first',
    );
  const acceptor = (known & Property.acceptor) !== 0n;
  const pushed = connect(push(fst, { labels: !acceptor }));
  return mergeStates(pushed, stateClasses(pushed, delta));
}
