// A lexicon of 20,000 words and a trigram: from text to HCLG, and sentences decoded with it.
// JEBENA_BENCH_NGRAMS sets the number of n-grams: 100,000, or a million for the figure that counts.
import { BeamSearch, compareWords, WordErrorRate } from '@jebena/decode';
import { arpaToFst, hmmTopology, makeGraph, TransitionModel } from '@jebena/hmm';
import { randomPaths } from '@jebena/wfst';
import { bigLanguage, ruleTree } from './support/big-language.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const sentences = 10;
const mostFrames = 600;

/** Scores in which the true state stands out of noise, so that a search has something to do. */
function noisyScores(tids, tidToPdf, pdfs) {
  const data = new Float32Array(tids.length * pdfs);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    data[i] = (-6 * state) / 2 ** 31;
  }
  tids.forEach((tid, t) => (data[t * pdfs + tidToPdf[tid]] = 0));
  return { rows: tids.length, cols: pdfs, data };
}

function decodeSome(graph, model) {
  const wer = new WordErrorRate();
  const search = new BeamSearch(graph, model.tidToPdf, { beam: 13, maxActive: 7000, acousticScale: 1 });
  const paths = randomPaths(graph, { seed: 1, select: 'weight', maxLength: 4 * mostFrames });
  let frames = 0;
  let seconds = 0;
  for (let done = 0; done < sentences;) {
    const { ilabels, olabels } = paths.next().value;
    if (ilabels.length > mostFrames) continue;
    const loglikes = noisyScores(ilabels, model.tidToPdf, model.numPdfs);
    const begun = performance.now();
    search.start();
    search.advance(loglikes);
    const words = search.bestPath()?.words ?? [];
    seconds += (performance.now() - begun) / 1000;
    frames += ilabels.length;
    wer.add(compareWords(olabels, words));
    done++;
  }
  say(`  decoded ${sentences} sentences, ${frames} frames, ${(frames / seconds).toFixed(0)} frames a second: ${wer}`);
}

export default function () {
  const ngrams = Number(process.env.JEBENA_BENCH_NGRAMS ?? 100_000);
  const begun = performance.now();
  const elapsed = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  const { language, model: lm } = bigLanguage({ ngrams });
  say(`HCLG of ${lm.counts.join(' + ')} n-grams:`);
  const grammar = arpaToFst(lm, { disambig: language.wordDisambig });
  const tree = ruleTree(language);
  const transitionModel = TransitionModel.create(tree, hmmTopology(language));
  const progress = (step, states, arcs) => say(`  ${elapsed()}: ${step}, ${states} states, ${arcs} arcs`);
  const graph = makeGraph({ lexicon: language, grammar, transitionModel, tree, options: { progress } });
  say(`  ${elapsed()}, ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GB at most`);
  decodeSome(graph, transitionModel);
}
