import { BeamSearch } from '@jebena/decode';
import { Chunker, mergeableExamples, type Minibatch } from '@jebena/egs';
import { type AcousticModel, forward } from '@jebena/graph';
import type { Engine } from '@jebena/engine';
import { linearAcceptor } from '@jebena/hmm';
import { type Matrix, matrix } from '@jebena/io-ark';
import { compose, type Fst } from '@jebena/wfst';

/** Something said, and its words. */
export interface Take {
  readonly key: string;
  /** A row for each frame, as the network takes them. */
  readonly feats: Matrix;
  /** Labels of the graph's words. */
  readonly words: readonly number[];
}

/** A take that cannot be learned from. */
export class TakeError extends Error {
  readonly code = 'ERR_TAKE';
  override readonly name = 'TakeError';
}

/** How a model is searched with. */
export interface SearchedModel {
  readonly model: AcousticModel;
  /** HCLG: what may be said. */
  readonly graph: Fst;
  readonly acousticScale: number;
  readonly frameSubsamplingFactor: number;
}

/** Wide: an accent that the model does not know must not lose the only path. */
const alignBeam = 200;

/** The output of the network for each take, by row logarithms of probabilities. */
export async function logPosteriors(
  engine: Engine,
  { model, frameSubsamplingFactor }: SearchedModel,
  takes: readonly Take[],
): Promise<Matrix[]> {
  const outputs: Matrix[] = [];
  const stage = forward(model.network, engine, { frameSubsamplingFactor });
  for await (const [, output] of stage(toItems(takes))) outputs.push(logSoftmaxRows(output));
  return outputs;
}

async function* toItems(takes: readonly Take[]): AsyncGenerator<[string, Matrix]> {
  for (const { key, feats } of takes) yield [key, feats];
}

function logSoftmaxRows({ rows, cols, data }: Matrix): Matrix {
  const out = new Float32Array(data);
  for (let r = 0; r < rows; r++) {
    const row = out.subarray(r * cols, (r + 1) * cols);
    let most = -Infinity;
    for (let c = 0; c < cols; c++) most = Math.max(most, row[c]!);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(row[c]! - most);
    const all = most + Math.log(sum);
    for (let c = 0; c < cols; c++) row[c]! -= all;
  }
  return matrix(rows, cols, out);
}

/**
 * The pdf of each output frame on the best path by which the graph says the take's words.
 *
 * @throws TakeError where there is none
 */
export function alignTake(take: Take, logs: Matrix, { model, graph, acousticScale }: SearchedModel): Int32Array {
  const { priors, transitions } = model;
  const said = compose(graph, linearAcceptor(take.words));
  if (said.start < 0)
    throw new TakeError(`take '${take.key}': expected words that the grammar has, in an order it has`);
  const scores = logs.data.slice();
  if (priors.length > 0) {
    const logPriors = priors.map(Math.log);
    for (let i = 0; i < scores.length; i++) scores[i]! -= logPriors[i % logs.cols]!;
  }
  const search = new BeamSearch(said, transitions.tidToPdf, { beam: alignBeam, acousticScale });
  search.start();
  if (logs.rows > 0) search.advance(matrix(logs.rows, logs.cols, scores));
  const path = logs.rows > 0 ? search.bestPath() : undefined;
  if (!path?.reachedFinal)
    throw new TakeError(`take '${take.key}': expected ${take.words.length} words, found speech too short for them`);
  return path.alignment.map((tid) => transitions.tidToPdf[tid]!);
}

/** Probabilities to learn: of the pdf that was said, and for the share `keep`, what the model says now. */
export function targetsOf(pdfs: Int32Array, logs: Matrix, keep: number): Matrix {
  const { rows, cols } = logs;
  const values = logs.data.map((v) => keep * Math.exp(v));
  for (let r = 0; r < rows; r++) values[r * cols + pdfs[r]!]! += 1 - keep;
  return matrix(rows, cols, values);
}

/** How far a model is from the targets: mean Kullback-Leibler divergence of a frame. */
export function divergence(targets: Matrix, logs: Matrix): number {
  let sum = 0;
  for (let i = 0; i < targets.data.length; i++) {
    const p = targets.data[i]!;
    if (p > 0) sum += p * (Math.log(p) - logs.data[i]!);
  }
  return sum / targets.rows;
}

/** The take as one training step. */
export function minibatchOf(
  { key, feats }: Take,
  targets: Matrix,
  { model, frameSubsamplingFactor }: SearchedModel,
): Minibatch {
  const { leftContext, rightContext } = model.network;
  const chunker = new Chunker({ sizes: -1, leftContext, rightContext, frameSubsamplingFactor });
  const examples = chunker.push({
    key,
    frames: feats.rows,
    inputs: [{ name: 'input', feats }],
    vectors: [],
    outputs: [
      {
        name: 'output',
        targets: { kind: 'dense', dim: targets.cols, values: targets },
        stride: frameSubsamplingFactor,
      },
    ],
  });
  return mergeableExamples.merge(examples, 0);
}
