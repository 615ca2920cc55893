import {
  alignWords,
  type BestPath,
  forwardBackward,
  type LatticeDecoder,
  minimumBayesRisk,
  nBest,
  scaleLattice,
} from '@jebena/decode';
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

/** One way to hear a segment. */
export interface SegmentAlternative {
  readonly words: readonly SegmentWord[];
  /** Probability, among all that the lattice holds. */
  readonly confidence: number;
}

/** What a segment says. */
export interface Segment {
  readonly words: readonly SegmentWord[];
  /** The likeliest ways to hear it, best first; empty where none are asked for. */
  readonly alternatives: readonly SegmentAlternative[];
}

export interface LatticeSegmentOptions {
  readonly acousticScale: number;
  /** How phones make words; without it times are those of the lattice's arcs, which may take in silence. */
  readonly alignment?: WordAlignment | undefined;
  /** How many alternatives to give. */
  readonly maxAlternatives: number;
  readonly isSilence: (transitionId: number) => boolean;
}

/** What a segment's lattice says, with confidences; nothing where no path survived. */
export function latticeSegment(
  decoder: LatticeDecoder,
  scores: Matrix,
  model: TransitionModel,
  { acousticScale, alignment, maxAlternatives, isSilence }: LatticeSegmentOptions,
): Segment {
  const decoded = decoder.decode(scores);
  if (!decoded) return { words: [], alternatives: [] };
  const { lattice } = decoded;
  const aligned = (alignment && alignWords(lattice, model, alignment)) || lattice;
  const { words } = minimumBayesRisk(scaleLattice(aligned, { acousticScale }), { decode: false });
  const alternatives: SegmentAlternative[] = [];
  if (maxAlternatives > 0) {
    const { total } = forwardBackward(lattice, { acousticScale });
    for (const path of nBest(lattice, maxAlternatives, { acousticScale }))
      alternatives.push({
        words: bestPathWords(path, isSilence),
        confidence: Math.min(1, Math.exp(total - path.graphCost - acousticScale * path.acousticCost)),
      });
  }
  return {
    words: words.map(({ word, start, end, confidence }) => ({
      label: word,
      begin: start,
      end,
      confidence: Math.min(1, confidence),
    })),
    alternatives,
  };
}

/** Words of a path: each from where its label was passed to the last frame of speech before the next one's. */
export function bestPathWords(
  path: Pick<BestPath, 'words' | 'wordTimes' | 'alignment'>,
  isSilence: (transitionId: number) => boolean,
): SegmentWord[] {
  const { words, wordTimes, alignment } = path;
  return Array.from(words, (label, i) => {
    const begin = wordTimes[i]!;
    let end = wordTimes[i + 1] ?? alignment.length;
    while (end > begin + 1 && isSilence(alignment[end - 1]!)) end--;
    return { label, begin, end };
  });
}
