import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BeamSearch, compareWords } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import { AcousticModel, forward } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { readInt32Vectors, readMatrices } from '@jebena/io-ark/node';
import { collect, type Item } from '@jebena/stream';
import { readFst, readSymbols } from '@jebena/wfst';
import { readText } from './data-folder.js';

/** How a model does on strings that it has not seen. */
export interface TestResult {
  readonly parameters: number;
  readonly frames: number;
  /** Frames whose likeliest pdf is that of the alignment. */
  readonly correct: number;
  readonly words: number;
  readonly errors: number;
}

/** Kaldi's usual ones for models that are trained on frames. */
const search = { beam: 15, acousticScale: 0.1 };

/** Tests a folder of `jebena train` with a decoding graph, on a data folder and its alignments. */
export async function testModel(
  model: string,
  data: string,
  ali: string,
  graph: string,
  engine: Engine,
  signal: AbortSignal,
): Promise<TestResult> {
  const path = join(model, 'final.mdl');
  const { network, transitions, priors } = AcousticModel.fromBytes(readFileSync(path), path);
  const pdfs = new Map<string, Int32Array>();
  for (const file of readdirSync(ali).filter((name) => /^ali\.\d+\.gz$/.test(name)))
    for await (const [key, tids] of readInt32Vectors(`ark:gunzip -c ${join(ali, file)}|`))
      pdfs.set(key, alignmentToPdfs(transitions, tids));
  const text = readText(data);
  const feats: Item<Matrix>[] = await collect(readMatrices(`scp:${join(data, 'feats.scp')}`, { signal }));
  const hclg = readFst(readFileSync(join(graph, 'HCLG.fst')));
  const symbols = readSymbols(readFileSync(join(graph, 'words.txt')));
  const decoder = new BeamSearch(hclg, transitions.tidToPdf, search);
  const result = { parameters: network.parameterCount, frames: 0, correct: 0, words: 0, errors: 0 };
  // A whole utterance at a time: what recurrent layers remember is not cut off.
  const framesPerChunk = Math.max(...feats.map(([, m]) => m.rows));
  const scores = forward(network, engine, { framesPerChunk, signal })(feats);
  for await (const [key, logPosteriors] of scores) {
    const { rows, cols, data: values } = logPosteriors;
    const labels = pdfs.get(key);
    const words = text.get(key);
    if (!labels || !words) continue;
    const likelihoods = new Float32Array(values.length);
    for (let t = 0, i = 0; t < rows; t++) {
      let best = 0;
      for (let pdf = 0; pdf < cols; pdf++, i++) {
        if (values[i]! > values[t * cols + best]!) best = pdf;
        likelihoods[i] = values[i]! - Math.log(priors[pdf]!);
      }
      if (t < labels.length) {
        result.frames++;
        if (best === labels[t]) result.correct++;
      }
    }
    decoder.start();
    decoder.advance({ rows, cols, data: likelihoods });
    const heard = Array.from(decoder.bestPath()?.words ?? [], (label) => symbols.symbol(label)!);
    result.words += words.length;
    result.errors += compareWords(words, heard).alignment.filter(({ ref, hyp }) => ref !== hyp).length;
  }
  return result;
}
