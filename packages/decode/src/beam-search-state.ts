import type { Fst } from '@jebena/wfst';
import { DecodeError } from './errors.js';

/** Where a search stands, as plain data: the tokens that paths of the present frame need. */
export interface BeamSearchState {
  readonly numFrames: number;
  /** First token of the present frame. */
  readonly base: number;
  readonly back: Int32Array;
  readonly arc: Int32Array;
  readonly frame: Int32Array;
  readonly state: Int32Array;
  readonly cost: Float64Array;
}

/** @throws DecodeError for tokens that a search over this graph cannot have */
export function checkBeamSearchState({ base, back, arc, frame, state, cost }: BeamSearchState, graph: Fst): void {
  const { numStates, numArcs } = graph;
  const tokens = back.length;
  const fail = (expected: string): never => {
    throw new DecodeError('ERR_DECODE_STATE', `search: expected ${expected}`);
  };
  if ([arc, frame, state, cost].some((c) => c.length !== tokens) || base > tokens)
    fail('the tokens of a search, found columns of unlike length');
  for (let t = 0; t < tokens; t++)
    if (!(state[t]! >= 0 && state[t]! < numStates && arc[t]! < numArcs && back[t]! < tokens))
      fail('tokens of this graph, found those of another');
}
