import { alignWords, type BestPath, type LatticeDecoder, minimumBayesRisk, scaleLattice } from '@jebena/decode';
import type { WordAlignment } from '@jebena/decode';
import type { TransitionModel } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';

/** A word of a segment; times in frames of scores from the segment's start. */
export interface SegmentWord {
  readonly label: number;
  readonly begin: number;
  readonly end: number;
  readonly confidence?: number | undefined;
}

/**
 * Words of a segment from its lattice, with confidences; empty where no path survived. Without an alignment of the
 * words' phones their times are those of the lattice's arcs, which may take in silence.
 */
export function latticeWords(
  decoder: LatticeDecoder,
  scores: Matrix,
  model: TransitionModel,
  acousticScale: number,
  alignment?: WordAlignment,
): SegmentWord[] {
  const decoded = decoder.decode(scores);
  if (!decoded) return [];
  const { lattice } = decoded;
  const aligned = (alignment && alignWords(lattice, model, alignment)) || lattice;
  const { words } = minimumBayesRisk(scaleLattice(aligned, { acousticScale }), { decode: false });
  return words.map(({ word, start, end, confidence }) => ({
    label: word,
    begin: start,
    end,
    confidence: Math.min(1, confidence),
  }));
}

/** Words of a path: each from where its label was passed to the last frame of speech before the next one's. */
export function bestPathWords(path: BestPath, isSilence: (transitionId: number) => boolean): SegmentWord[] {
  const { words, wordTimes, alignment } = path;
  return Array.from(words, (label, i) => {
    const begin = wordTimes[i]!;
    let end = wordTimes[i + 1] ?? alignment.length;
    while (end > begin + 1 && isSilence(alignment[end - 1]!)) end--;
    return { label, begin, end };
  });
}
