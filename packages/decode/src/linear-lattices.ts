import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { DecodeError } from './errors.js';
import { type ArcPath, type CostScales, nBestArcs } from './lattice-paths.js';
import { addWordPenalty } from './lattice-scale.js';

export interface NBestOptions extends CostScales {
  /** Cost added for each word when paths are compared; not in the result. */
  readonly wordPenalty?: number | undefined;
}

/** The n best paths, each as a lattice of its own with the arcs it had (lattice-to-nbest). */
export function nBestLattices(lattice: CompactLattice, n: number, options: NBestOptions = {}): CompactLattice[] {
  const { wordPenalty = 0, ...scales } = options;
  const compared = wordPenalty === 0 ? lattice : addWordPenalty(lattice, wordPenalty / (scales.lmScale || 1));
  return nBestArcs(compared, n, scales).map((path) => linearLattice(lattice, path));
}

function linearLattice(lattice: CompactLattice, { arcs, last }: ArcPath): CompactLattice {
  const b = new CompactLatticeBuilder();
  let from = b.addState();
  b.setStart(from);
  for (const a of arcs) {
    const nextState = b.addState();
    b.addArc(from, {
      label: lattice.label[a]!,
      graphCost: lattice.graphCost[a]!,
      acousticCost: lattice.acousticCost[a]!,
      transitionIds: lattice.string(a),
      nextState,
    });
    from = nextState;
  }
  b.setFinal(from, lattice.finalGraphCost[last]!, lattice.finalAcousticCost[last]!, lattice.finalString(last));
  return b.build();
}

/** An arc's word with its frames. */
export interface ArcTime {
  readonly word: number;
  readonly start: number;
  readonly length: number;
}

/**
 * The words of a lattice of one path with the frames of their arcs; right times want a word-aligned one.
 *
 * @throws DecodeError where there is more than one path
 */
export function latticeWordTimes(lattice: CompactLattice): ArcTime[] {
  const times: ArcTime[] = [];
  let start = 0;
  for (let s = lattice.start, steps = 0; s >= 0 && steps <= lattice.numStates; steps++) {
    const [first, end] = [lattice.firstArc[s]!, lattice.firstArc[s + 1]!];
    if (end - first > 1 || (end > first && lattice.isFinal(s))) break;
    if (end === first) {
      const { length } = lattice.finalString(s);
      if (length > 0) times.push({ word: 0, start, length });
      return times;
    }
    const { length } = lattice.string(first);
    times.push({ word: lattice.label[first]!, start, length });
    start += length;
    s = lattice.nextState[first]!;
  }
  throw new DecodeError('ERR_DECODE_LATTICE', 'lattice: expected one path, found several');
}
