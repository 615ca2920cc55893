import type { Engine } from '@jebena/engine';
import { forward, type Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import type { Language } from './language.js';
import type { Utterance } from './utterance.js';

/** Weight of the network's scores against the graph's: what Kaldi's cross-entropy recipes use. */
export const acousticScale = 0.1;

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

/** Log-likelihoods of every utterance, frames x pdfs: the network's log-posteriors less the logarithms of the priors. */
export function scores(
  engine: Engine,
  network: Network,
  utterances: readonly Utterance[],
  priors: Float32Array,
  signal: AbortSignal,
): AsyncIterable<Item<Matrix>> {
  const feats = utterances.map(({ id, feats }): Item<Matrix> => [id, feats]);
  return forward(network, engine, { priors, signal })(feats);
}
