import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BeamSearch } from '@jebena/decode';
import {
  arpaToFst,
  ContextTree,
  estimateNgrams,
  hmmTopology,
  Language,
  Lexicon,
  makeGraph,
  TransitionModel,
} from '@jebena/hmm';
import { matrix } from '@jebena/io-ark';
import { relabel, writeFst } from '@jebena/wfst';
import { pythonWith, runPython } from '../test/support/python.mjs';

const numWords = 5000;
const numPhones = 40;
const numUtterances = 5;
const framesEach = 400;
const beams = [13, 15];

const search = `
import sys, time, json
import numpy, kaldifst, kaldi_decoder
folder, cols, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
graph = kaldifst.StdConstFst.read(folder + '/graph.fst')
scores = numpy.fromfile(folder + '/scores.f32', dtype=numpy.float32).reshape(-1, frames, cols)
out = {}
for beam in json.loads(sys.argv[4]):
    options = kaldi_decoder.FasterDecoderOptions(max_active=7000)
    options.beam = beam
    decoder = kaldi_decoder.FasterDecoder(graph, options)
    least = 1e9
    for _ in range(3):
        words = []
        begun = time.perf_counter()
        for utterance in scores:
            decoder.decode(kaldi_decoder.DecodableCtc(utterance))
            ok, best = decoder.get_best_path()
            words.append(kaldifst.get_linear_symbol_sequence(best)[2])
        least = min(least, time.perf_counter() - begun)
    out[str(beam)] = [least, words]
print(json.dumps(out))
`;

/** Numbers from a seed, from 0 to 1. */
function generator(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** A graph of made-up words and sentences: biphones by rule, a bigram. Input labels are columns of the scores, from 1. */
function makeTask() {
  const random = generator(1);
  const below = (n) => Math.floor(random() * n);
  const lines = Array.from(
    { length: numWords },
    (_, w) => `w${w} ${Array.from({ length: 3 + below(6) }, () => `p${below(numPhones)}`).join(' ')}\n`,
  );
  const language = new Language(Lexicon.parse(lines.join('')), { silencePhones: ['SIL'] });
  const topology = hmmTopology({ ...language, nonsilenceStates: 1, silenceStates: 1 });
  const tree = ContextTree.biphone(topology);
  const transitionModel = TransitionModel.create(tree, topology);
  // Words as frequent as in a language: by Zipf's law, each followed by words near it.
  const words = language.lexicon.words.map((w) => language.words.label(w));
  const sentences = Array.from({ length: 20000 }, () => {
    let word = Math.floor(numWords ** random());
    return Array.from({ length: 4 + below(12) }, () => {
      word = random() < 0.5 ? (word * 7 + below(20)) % numWords : Math.floor(numWords ** random());
      return words[Math.min(word, numWords - 1)];
    });
  });
  const [bos, eos] = [language.words.label('<s>'), language.words.label('</s>')];
  const model = estimateNgrams(sentences, { order: 2, bos, eos, vocabulary: words });
  const grammar = arpaToFst(model, { disambig: language.wordDisambig });
  const graph = makeGraph({ lexicon: language, grammar, transitionModel, tree, options: { selfLoopScale: 1 } });
  const columns = relabel(graph, {
    input: new Map(Array.from(transitionModel.tidToPdf, (pdf, tid) => [tid, pdf + 1]).slice(1)),
  });
  return { graph: columns, cols: transitionModel.numPdfs, random };
}

/** Scores that speak for a random path, with enough noise to keep others alive. */
function makeScores({ graph, cols, random }) {
  const scores = new Float32Array(framesEach * cols);
  // A sum of uniforms is near enough to a Gaussian, and the same on every machine.
  for (let i = 0; i < scores.length; i++) scores[i] = 2 * (random() + random() + random() - 1.5) - 3;
  let state = graph.start;
  for (let frame = 0; frame < framesEach;) {
    const first = graph.firstArc[state];
    const arcs = graph.firstArc[state + 1] - first;
    const a = first + Math.floor(random() * arcs);
    if (graph.ilabel[a] !== 0) scores[frame++ * cols + graph.ilabel[a] - 1] += 3.5;
    state = graph.nextState[a];
  }
  return matrix(framesEach, cols, scores);
}

export default async function () {
  const task = makeTask();
  const { graph, cols } = task;
  console.log(
    `graph: ${graph.numStates} states, ${graph.numArcs} arcs, ${cols} pdfs; ${numUtterances} x ${framesEach} frames`,
  );
  const utterances = Array.from({ length: numUtterances }, () => makeScores(task));
  const tidToPdf = Int32Array.from({ length: cols + 1 }, (_, label) => label - 1);
  const ours = new Map();
  for (const beam of beams) {
    const decoder = new BeamSearch(graph, tidToPdf, { beam, maxActive: 7000, minActive: 20, acousticScale: 1 });
    let least = Infinity;
    let words = [];
    let active = 0;
    for (let i = 0; i < 3; i++) {
      active = 0;
      const begun = performance.now();
      words = utterances.map((scores) => {
        decoder.start();
        decoder.advance(scores);
        active += decoder.active;
        return [...decoder.bestPath().words];
      });
      least = Math.min(least, (performance.now() - begun) / 1000);
    }
    ours.set(beam, { seconds: least, words, active: active / numUtterances });
  }
  const { python, skip } = pythonWith('numpy==2.4.6', 'kaldifst==1.8.3', 'kaldi-decoder==0.3.2');
  const frames = numUtterances * framesEach;
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  try {
    writeFileSync(join(folder, 'graph.fst'), writeFst(graph, { type: 'const' }));
    writeFileSync(join(folder, 'scores.f32'), Buffer.concat(utterances.map((m) => Buffer.from(m.data.buffer))));
    const theirs = skip
      ? undefined
      : JSON.parse(runPython(python, search, folder, String(cols), String(framesEach), JSON.stringify(beams)));
    for (const beam of beams) {
      const { seconds, words, active } = ours.get(beam);
      const speed = `beam ${beam}: ${Math.round(frames / seconds)} frames/s, ${Math.round(active)} tokens at the end`;
      if (!theirs) {
        console.log(`${speed}; no kaldi-decoder to compare with: ${skip}`);
        continue;
      }
      const [peer, peerWords] = theirs[beam];
      const same = words.filter((w, i) => w.join(' ') === peerWords[i].join(' ')).length;
      console.log(
        `${speed}; kaldi-decoder ${Math.round(frames / peer)} frames/s: ratio ${(peer / seconds).toFixed(2)}; ` +
          `words equal in ${same} of ${words.length} utterances`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
