// What each worker of `sampledMinibatches` runs.
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { openTable, readInt32Vectors } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import type { WorkerItems } from '@jebena/stream/node';
import { mergeExamples } from '../merge-examples.js';
import type { Minibatch } from '../minibatch.js';
import { sampleChunks, type SampleOptions } from '../sampler.js';
import { TargetJoiner } from '../target-joiner.js';
import type { UtteranceExample } from '../utterance-example.js';

/** What a worker is told. */
export interface SamplerSettings extends Omit<
  SampleOptions,
  'utterances' | 'load' | 'count' | 'from' | 'report' | 'signal'
> {
  /** Features that can be read in any order: `scp:feats.scp`. */
  readonly feats: string;
  /** A label for each frame: `ark:pdfs.ark`, as ali-to-pdf writes it. Held in memory. */
  readonly pdfs: string;
  /** Number of pdfs, to check the labels. Default: not checked. */
  readonly dim?: number | undefined;
  /** Chunks in each minibatch. */
  readonly sequences: number;
  /** Minibatches in all: what counts as an epoch. */
  readonly minibatches: number;
}

export async function open(settings: SamplerSettings): Promise<WorkerItems<Minibatch>> {
  const { feats, pdfs, dim = 0, sequences, minibatches, ...options } = settings;
  const labels = new Map<string, Int32Array>();
  for await (const [key, one] of readInt32Vectors(pdfs)) labels.set(key, one);
  const utterances = Array.from(labels, ([key, { length }]) => ({ key, frames: length }));
  const table = openTable<Matrix>(matrixHolder, feats);
  const joiner = new TargetJoiner(labels, { dim });
  const load = async (key: string): Promise<UtteranceExample | undefined> => {
    const read = await table.get(key);
    return read && joiner.join(key, read);
  };
  return {
    count: minibatches,
    item: async (i) => {
      const [from, count] = [i * sequences, (i + 1) * sequences];
      const examples = await collect(sampleChunks({ ...options, utterances, load, from, count }));
      return mergeExamples(examples, `sampled-${i}-${sequences}`);
    },
  };
}
