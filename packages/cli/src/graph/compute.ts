import { createEngine } from '@jebena/engine/node';
import { type Utterance, forward } from '@jebena/graph';
import { type Matrix, matrixHolder, vectorHolder } from '@jebena/io-ark';
import { type OptionValues, UsageError } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { type MappedTable, mappedTable } from '../features/mapped-table.js';
import { readTable, tableWriter, writing } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';
import type { computeOptions } from './compute-options.js';
import { readAcousticModel, readNetwork } from './models.js';

export interface Counts {
  done: number;
  failed: number;
  frames: number;
}

/** Runs a network over a table of features and writes its output; the exit code is 1 where nothing was written. */
export async function compute(
  [model, features, output]: readonly string[],
  options: OptionValues<typeof computeOptions>,
  minibatchSize: number,
  context: ProgramContext,
): Promise<{ exitCode: number; counts: Counts; seconds: number }> {
  if (options.onlineIvectors && options.onlineIvectorPeriod <= 0)
    throw new UsageError('option --online-ivector-period: expected a number above 0 with --online-ivectors');
  const start = performance.now();
  const am = options.usePriors ? await readAcousticModel(model!) : undefined;
  const network = am?.network ?? (await readNetwork(model!));
  const { engine: name, precision, threads } = options;
  const engine = await createEngine({ engine: name, precision, threads, log: context.log });
  const counts: Counts = { done: 0, failed: 0, frames: 0 };
  const ivectors = ivectorTable(options, context);
  const writer = tableWriter(matrixHolder, output!);
  const pass = forward(network, engine, {
    framesPerChunk: options.framesPerChunk,
    frameSubsamplingFactor: options.frameSubsamplingFactor,
    extraLeftContext: options.extraLeftContext,
    extraRightContext: options.extraRightContext,
    extraLeftContextInitial: options.extraLeftContextInitial,
    extraRightContextFinal: options.extraRightContextFinal,
    acousticScale: options.acousticScale,
    onlineIvectorPeriod: options.onlineIvectors ? options.onlineIvectorPeriod : 0,
    minibatchSize,
    signal: context.signal,
    priors: am?.priors,
  });
  let told = start;
  try {
    await writing([writer], async () => {
      for await (const [key, value] of pass(utterances(features!, ivectors, counts, context))) {
        await writer.write(key, options.applyExp ? { ...value, data: value.data.map(Math.exp) } : value);
        counts.done++;
        if (performance.now() - told > 10_000) {
          told = performance.now();
          context.log(`Done ${counts.done} utterances, ${counts.frames} frames`);
        }
      }
    });
  } finally {
    await ivectors?.close();
  }
  return { exitCode: counts.done > 0 ? 0 : 1, counts, seconds: (performance.now() - start) / 1000 };
}

export type Ivectors = MappedTable<Matrix>;

export function ivectorTable(
  options: Pick<OptionValues<typeof computeOptions>, 'ivectors' | 'utt2spk' | 'onlineIvectors'>,
  context: ProgramContext,
): Ivectors | undefined {
  if (options.onlineIvectors) return mappedTable(matrixHolder, options.onlineIvectors, '', context);
  if (!options.ivectors) return undefined;
  const table = mappedTable(vectorHolder, options.ivectors, options.utt2spk, context);
  return {
    get: async (utterance) => {
      const data = await table.get(utterance);
      return data && { rows: 1, cols: data.length, data: Float32Array.from(data) };
    },
    close: () => table.close(),
  };
}

export async function* utterances(
  features: string,
  ivectors: Ivectors | undefined,
  counts: Counts,
  context: ProgramContext,
): AsyncGenerator<Item<Utterance>> {
  for await (const [key, feats] of readTable(matrixHolder, features, context)) {
    const skip = (why: string): void => {
      context.warn(why);
      counts.failed++;
    };
    const found = ivectors && (await ivectors.get(key));
    if (feats.rows === 0) skip(`Zero-length utterance: ${key}`);
    else if (ivectors && !found) skip(`No iVector available for utterance ${key}`);
    else {
      counts.frames += feats.rows;
      yield [key, { feats, ivectors: found }];
    }
  }
}
