import type { Engine } from '@jebena/engine';
import { forward, type Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import type { Language } from './language.js';
import type { Utterance } from './utterance.js';

/** Share of frames of each pdf, at least a little. */
export function pdfPriors(language: Language, alignments: ReadonlyMap<string, Int32Array>): Float32Array {
  const { transitionModel } = language;
  const counts = new Float64Array(transitionModel.numPdfs).fill(1);
  let total = counts.length;
  for (const alignment of alignments.values()) {
    for (const pdf of alignmentToPdfs(transitionModel, alignment)) counts[pdf]!++;
    total += alignment.length;
  }
  return Float32Array.from(counts, (c) => c / total);
}

/**
 * Log-likelihoods of every utterance, frames x pdfs.
 *
 * @param priors their logarithms are taken off the outputs; none (LF-MMI): outputs are likelihoods as they are
 */
export function scores(
  engine: Engine,
  network: Network,
  { frameSubsamplingFactor }: Language,
  utterances: readonly Utterance[],
  priors: Float32Array | undefined,
  signal: AbortSignal,
): AsyncIterable<Item<Matrix>> {
  const feats = utterances.map(({ id, feats }): Item<Matrix> => [id, feats]);
  return forward(network, engine, { priors, frameSubsamplingFactor, signal })(feats);
}
