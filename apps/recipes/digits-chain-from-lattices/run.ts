import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DenominatorGraph, denominatorFst, normalizationFst } from '@jebena/chain';
import { BeamSearch, compareWords } from '@jebena/decode';
import { createEngine } from '@jebena/engine/node';
import { forward, networkFromXconfig } from '@jebena/graph';
import { ContextTree, TransitionModel } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { parseSymbols, readFst } from '@jebena/wfst';
import { readStrings } from './data.js';
import { chainExamples, factor } from './examples.js';
import type { ChainRecipeOptions } from './options.js';
import { trainChain } from './training.js';

export interface ChainResult {
  readonly words: number;
  readonly errors: number;
  /** Seconds of each stage. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Trains Kaldi's network on Kaldi's numerator lattices by LF-MMI and tests it; says what each stage took. */
export async function runChain(options: ChainRecipeOptions, say: (line: string) => void): Promise<ChainResult> {
  const seconds: Record<string, number> = {};
  let began = performance.now();
  const lap = (stage: string, what: string): void => {
    seconds[stage] = (performance.now() - began) / 1000;
    say(`${stage}: ${what}, ${seconds[stage]!.toFixed(1)} s`);
    began = performance.now();
  };
  const file = (name: string): KaldiInput => new KaldiInput(readFileSync(join(options.chain, name)));
  const data = readStrings(options.fsdd, 'train.tsv', options.strings);
  const test = readStrings(options.fsdd, 'test.tsv', options.tests);
  lap('features', `${data.feats.length} strings to train on, ${test.feats.length} to test on`);

  const tree = ContextTree.read(file('tree'));
  const transitionModel = TransitionModel.read(file('0.trans_mdl'));
  const den = denominatorFst(tree, transitionModel, readFst(readFileSync(join(options.chain, 'phone_lm.fst'))));
  const denominator = new DenominatorGraph(den, tree.numPdfs);
  lap('graphs', `a denominator of ${den.numStates} states and ${den.numArcs} arcs`);

  const network = networkFromXconfig(readFileSync(options.xconfig, 'utf8'), { seed: options.seed });
  const { examples, report } = await chainExamples(data.feats, {
    kaldi: join(options.fsdd, 'kaldi'),
    tree,
    transitionModel,
    normalization: normalizationFst(den),
    leftContext: network.leftContext,
    rightContext: network.rightContext,
    seed: options.seed,
  });
  lap('examples', `${examples.length} chunks`);
  for (const line of report.summary()) say(`left out: ${line}`);

  const engine = await createEngine({ engine: options.engine, precision: options.precision });
  const trained = await trainChain(engine, network, denominator, examples, options, (pass) => {
    const rate = Math.round(pass.frames / pass.seconds);
    say(`pass ${pass.pass} of ${pass.of}: objective ${pass.objective.toFixed(4)}, ${rate} frames/s`);
  });
  lap('training', engine.name);

  const graph = readFst(readFileSync(options.graph));
  const symbols = parseSymbols(readFileSync(options.words, 'utf8'));
  let [words, errors] = [0, 0];
  const search = new BeamSearch(graph, transitionModel.tidToPdf, { beam: 15, acousticScale: 1 });
  const scores = forward(trained, engine, { frameSubsamplingFactor: factor, framesPerChunk: 140 });
  for await (const [id, loglikes] of scores(test.feats)) {
    search.start();
    search.advance(loglikes);
    const heard = Array.from(search.bestPath()?.words ?? [], (label) => symbols.symbol(label)!);
    const counts = compareWords(test.words.get(id)!, heard);
    words += counts.refLength;
    errors += counts.insertions + counts.deletions + counts.substitutions;
  }
  lap('decoding', `WER ${((100 * errors) / words).toFixed(2)} % [ ${errors} / ${words} ]`);
  return { words, errors, seconds };
}
