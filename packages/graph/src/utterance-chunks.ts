import { NetworkError } from './errors.js';
import type { ForwardPassOptions } from './forward-options.js';
import { gcd } from './network-checks.js';

/** A chunk of an utterance: its output frames (after subsampling), and the input frames it wants. */
export interface UtteranceChunk {
  readonly firstOutput: number;
  readonly outputs: number;
  /** May lie before 0 or beyond the end, where the first and last frame are repeated. */
  readonly firstInput: number;
  readonly inputs: number;
  /** Row of the online iVectors. */
  readonly ivectorFrame: number;
}

export interface ChunkShape {
  readonly leftContext: number;
  readonly rightContext: number;
  readonly modulus: number;
}

/**
 * Cuts an utterance as Kaldi does (nnet-am-decodable-simple.cc): chunks of framesPerChunk, rounded up to a multiple
 * of the subsampling factor and the modulus, the last as short as it comes out.
 */
export function utteranceChunks(
  frames: number,
  { leftContext, rightContext, modulus }: ChunkShape,
  options: ForwardPassOptions,
): UtteranceChunk[] {
  const factor = options.frameSubsamplingFactor;
  const step = (factor * modulus) / gcd(factor, modulus);
  const perChunk = (step * Math.ceil(options.framesPerChunk / step)) / factor;
  const total = Math.ceil(frames / factor);
  const chunks: UtteranceChunk[] = [];
  for (let first = 0; first < total; first += perChunk) {
    const outputs = Math.min(perChunk, total - first);
    const { extraLeftContextInitial: initial, extraRightContextFinal: final } = options;
    const left = leftContext + (first === 0 && initial >= 0 ? initial : options.extraLeftContext);
    const right = rightContext + (first + outputs === total && final >= 0 ? final : options.extraRightContext);
    const start = first * factor;
    const last = (first + outputs - 1) * factor;
    chunks.push({
      firstOutput: first,
      outputs,
      firstInput: start - left,
      inputs: last + right + 1 - (start - left),
      ivectorFrame: start + Math.floor((last - start) / 2),
    });
  }
  return chunks;
}

/** The row of online iVectors for a frame; a little beyond the end the last one serves. */
export function ivectorRow(frame: number, rows: number, period: number, key: string): number {
  const row = Math.floor(frame / period);
  if (row < rows) return row;
  if ((row - rows + 1) * period > 50)
    throw new NetworkError(
      'ERR_NOT_COMPUTABLE',
      `expected an iVector for frame ${frame}, found ${rows} of period ${period}`,
      { name: key },
    );
  return rows - 1;
}
