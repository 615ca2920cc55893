import type { Posterior } from '@jebena/io-ark';

/**
 * How sure posteriors are of an alignment, frame by frame: what of them falls on the alignment's own label
 * (get-post-on-ali). Weights of frames for training on what a recogniser said, not a person.
 *
 * @param posterior labels and weights of each frame, such as `lattice-to-post` gives
 * @param alignment labels of the same kind: transition ids, or pdfs, or phones
 * @throws RangeError where they differ in length
 */
export function posteriorOnAlignment(posterior: Posterior, alignment: ArrayLike<number>): Float32Array {
  if (posterior.length !== alignment.length)
    throw new RangeError(
      `posteriors: expected as many frames as the alignment's ${alignment.length}, found ${posterior.length}`,
    );
  return Float32Array.from(posterior, (frame, t) =>
    frame.reduce((sum, [label, weight]) => (label === alignment[t] ? sum + weight : sum), 0),
  );
}
