import type { Engine } from '@jebena/engine';
import type { Model, Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import { type Matrix, matrix } from '@jebena/io-ark';
import { breathe, type Item } from '@jebena/stream';
import type { Language } from './language.js';
import type { Utterance } from './utterance.js';

/** Weight of the network's scores against the graph's: what Kaldi's cross-entropy recipes use. */
export const acousticScale = 0.1;

/** Utterances are filled up to a multiple of this, so that few shapes are planned. */
const lengthStep = 50;
/** Frames that are computed at a time, all utterances together. */
const framesAtATime = 6000;

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
export async function* scores(
  engine: Engine,
  network: Network,
  utterances: readonly Utterance[],
  priors: Float32Array,
  signal: AbortSignal,
): AsyncGenerator<Item<Matrix>> {
  const model = network.load(engine);
  try {
    for (const batch of batches(utterances)) {
      await breathe();
      signal.throwIfAborted();
      yield* await scoreBatch(model, batch, priors);
    }
  } finally {
    model.dispose();
  }
}

const paddedLength = (u: Utterance): number => Math.ceil(u.feats.rows / lengthStep) * lengthStep;

/** Utterances of like length together. */
function* batches(utterances: readonly Utterance[]): Generator<Utterance[]> {
  const sorted = [...utterances].sort((a, b) => paddedLength(a) - paddedLength(b));
  for (let at = 0; at < sorted.length;) {
    const length = paddedLength(sorted[at]!);
    const most = Math.max(1, Math.floor(framesAtATime / length));
    const batch = sorted.slice(at, at + most).filter((u) => paddedLength(u) === length);
    at += batch.length;
    yield batch;
  }
}

async function scoreBatch(model: Model, batch: readonly Utterance[], priors: Float32Array): Promise<Item<Matrix>[]> {
  const { engine, network } = model;
  const { leftContext, rightContext } = network;
  const sequences = batch.length;
  const frames = paddedLength(batch[0]!);
  const count = leftContext + frames + rightContext;
  const dim = batch[0]!.feats.cols;
  const input = new Float32Array(count * sequences * dim);
  batch.forEach(({ feats }, n) => {
    for (let i = 0; i < count; i++) {
      // Frames outside the utterance repeat its first and last, as in training.
      const t = Math.min(Math.max(i - leftContext, 0), feats.rows - 1);
      input.set(feats.data.subarray(t * dim, (t + 1) * dim), (i * sequences + n) * dim);
    }
  });
  const output = engine.tidy(() => {
    const inputs = [{ name: 'input', first: -leftContext, count, stride: 1 }];
    const outputs = [{ name: 'output', first: 0, count: frames, stride: 1 }];
    const pass = model
      .compute({ sequences, inputs, outputs })
      .forward({ input: engine.tensor(count * sequences, dim, input) });
    const kept = engine.keep(engine.scale(pass.output('output'), 1));
    pass.dispose();
    return kept;
  });
  const posteriors = await engine.read(output);
  engine.dispose(output);
  const pdfs = priors.length;
  const logPriors = priors.map(Math.log);
  return batch.map(({ id, feats }, n) => {
    const loglikes = matrix(feats.rows, pdfs);
    for (let t = 0; t < feats.rows; t++)
      for (let p = 0; p < pdfs; p++)
        loglikes.data[t * pdfs + p] = posteriors[(t * sequences + n) * pdfs + p]! - logPriors[p]!;
    return [id, loglikes];
  });
}
