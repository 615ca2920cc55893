import type { Engine } from '@jebena/engine';
import { forward, type Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Item, Source } from '@jebena/stream';
import type { Matrix } from '@jebena/io-ark';
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
