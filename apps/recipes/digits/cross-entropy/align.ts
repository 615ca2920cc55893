import { BeamSearch } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { equalAlign } from '@jebena/hmm';
import type { Language } from '../language.js';
import { pdfPriors, scores } from '../scores.js';
import type { Utterance } from '../utterance.js';

/** An alignment in which all states of an utterance last equally long; silences are drawn from the seed. */
export function equalAlignments(language: Language, utterances: readonly Utterance[]): Map<string, Int32Array> {
  const alignments = new Map<string, Int32Array>();
  utterances.forEach(({ id, words, feats }, i) => {
    const alignment = equalAlign(language.trainingGraph(words), feats.rows, { seed: i });
    if (alignment) alignments.set(id, alignment);
  });
  return alignments;
}

/** Wide: a poor alignment must not lose the only path. */
const alignBeam = 200;

/**
 * The best path of each utterance through its training graph, by the network's scores. Where there is none the old
 * alignment stays.
 */
export async function alignWithNetwork(
  engine: Engine,
  network: Network,
  language: Language,
  utterances: readonly Utterance[],
  old: ReadonlyMap<string, Int32Array>,
  signal: AbortSignal,
): Promise<Map<string, Int32Array>> {
  const alignments = new Map<string, Int32Array>();
  const byId = new Map(utterances.map((u) => [u.id, u]));
  for await (const [id, loglikes] of scores(engine, network, language, utterances, pdfPriors(language, old), signal)) {
    const graph = language.trainingGraph(byId.get(id)!.words);
    const search = new BeamSearch(graph, language.transitionModel.tidToPdf, {
      beam: alignBeam,
      acousticScale: language.acousticScale,
    });
    search.start();
    search.advance(loglikes);
    const path = search.bestPath();
    const alignment = path?.reachedFinal ? path.alignment : old.get(id);
    if (alignment) alignments.set(id, alignment);
  }
  return alignments;
}
