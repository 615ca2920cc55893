import { createEngine } from '@jebena/engine/node';
import { type AcousticModel, forward } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import type { OptionValues } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { computeOptions } from '../graph/compute-options.js';
import { type Counts, ivectorTable, utterances } from '../graph/compute.js';
import type { ProgramContext } from '../program.js';

const { applyExp: _e, usePriors: _p, acousticScale: _s, ...shared } = computeOptions;

/** The options of nnet3-compute that decoders take too. */
export const networkOptions = shared;

export interface NetworkScores {
  readonly scores: AsyncIterable<Item<Matrix>>;
  /** Utterances that were left out are counted under `failed`. */
  readonly counts: Counts;
  close(): Promise<void>;
}

/** The network's output for a table of features, log-priors subtracted where the model has any. */
export async function networkScores(
  model: AcousticModel,
  features: string,
  options: OptionValues<typeof networkOptions>,
  context: ProgramContext,
): Promise<NetworkScores> {
  const { engine: name, precision, threads } = options;
  const engine = await createEngine({ engine: name, precision, threads, log: context.log });
  const counts: Counts = { done: 0, failed: 0, frames: 0 };
  const all = { ...options, applyExp: false, usePriors: true, acousticScale: 1 };
  const ivectors = ivectorTable(all, context);
  const pass = forward(model.network, engine, {
    framesPerChunk: options.framesPerChunk,
    frameSubsamplingFactor: options.frameSubsamplingFactor,
    extraLeftContext: options.extraLeftContext,
    extraRightContext: options.extraRightContext,
    extraLeftContextInitial: options.extraLeftContextInitial,
    extraRightContextFinal: options.extraRightContextFinal,
    onlineIvectorPeriod: options.onlineIvectors ? options.onlineIvectorPeriod : 0,
    signal: context.signal,
    priors: model.priors.length > 0 ? model.priors : undefined,
  });
  const scores = pass(utterances(features, ivectors, counts, context));
  return { scores, counts, close: async () => ivectors?.close() };
}
