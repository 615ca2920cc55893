import { shardMinibatches } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import { featureTransform } from '../../lda/feature-transform.js';
import { gatherLdaStatistics } from '../../lda/gather-statistics.js';
import { presoftmaxPriorScale } from '../../schedules/presoftmax-prior-scale.js';
import { checkShards } from '../check-shards.js';
import { writeWhole } from '../write-whole.js';
import { isChain, subsampling } from './chain-options.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import type { TrainRunOptions } from './options.js';
import { matrixFile, type Start } from './start-network.js';

/**
 * The network that training begins with: with the first transform estimated, where the config asks for one, and the
 * scale of the priors. Both are also kept as files in the folder's `configs`.
 */
export async function firstModel(
  folder: RunFolder,
  start: Start,
  egs: Egs,
  engine: () => Promise<Engine>,
  counts: Float64Array | undefined,
  options: TrainRunOptions,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Network> {
  const files: Record<string, Uint8Array> = {};
  if (counts) {
    const data = presoftmaxPriorScale(counts, { power: options['trainer.presoftmaxPriorScalePower'] });
    const scale = new TextEncoder().encode(` [ ${[...data].join(' ')} ]\n`);
    writeWhole(folder.at('configs', 'presoftmax_prior_scale.vec'), scale);
    files['presoftmax_prior_scale.vec'] = scale;
  }
  if (start.init) {
    const shards = egs.train.slice(0, options['trainer.lda.maxLdaJobs']);
    checkShards(start.init, shards, { inputsOnly: true });
    const batches = shardMinibatches(shards, { rule: 256, workers: 1, signal });
    const { statistics } = await gatherLdaStatistics(start.init, await engine(), batches, {
      randPrune: options['trainer.lda.randPrune'],
      seed: options['trainer.srand'],
      signal,
    });
    if (!statistics) throw new UsageError('expected examples to estimate the first transform on, found none');
    const lda = matrixFile(featureTransform(statistics));
    writeWhole(folder.at('configs', 'lda.mat'), lda);
    files['lda.mat'] = lda;
    log(
      `Estimated the first transform on ${shards.length} archives, ${Math.round(statistics.zero.reduce((a, b) => a + b, 0))} frames`,
    );
  }
  const network = start.make(files);
  checkShards(network, egs.train, {
    kind: isChain(options) ? 'chain' : 'frames',
    stride: isChain(options) ? subsampling(options) : undefined,
  });
  writeWhole(folder.model(0), network.toBytes());
  return network;
}
