import { availableParallelism } from 'node:os';
import { DenominatorGraph } from '@jebena/chain';
import { threadedDenominator } from '@jebena/chain/node';
import { addXentBranch, type Minibatch } from '@jebena/egs';
import type { Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import { chainObjective } from '../../objectives/chain.js';
import { outputObjectives } from '../../objectives/output-objectives.js';
import type { TrainOptions } from '../../trainer/train.js';
import type { ChainGraphs } from './chain-graphs.js';
import type { TrainRunOptions } from './options.js';

/** What a run trains by: what its models are measured and combined by, in the words of Kaldi's programs. */
export interface TrainingBy {
  readonly objective: TrainOptions['objective'];
  /** `nnet3` or `nnet3-chain`, as programs begin. */
  readonly program: string;
  /** What the objective of an output is called. */
  readonly quantityOf: (output: string) => string;
  /** Makes a minibatch one to measure on. */
  readonly measured: (minibatch: Minibatch) => Minibatch;
}

/** By frames: each output by its own objective. */
export function byFrames(network: Network): TrainingBy {
  const linear = new Set(network.outputs.filter((o) => o.objective === 'linear').map((o) => o.name));
  return {
    objective: outputObjectives(network),
    program: 'nnet3',
    quantityOf: (output) => (linear.has(output) ? 'log-likelihood' : 'objective'),
    measured: (minibatch) => minibatch,
  };
}

/**
 * By LF-MMI.
 *
 * @throws UsageError where the network lacks the branch that cross-entropy is asked of, ChainError
 */
export function byChain(network: Network, { denominator }: ChainGraphs, options: TrainRunOptions): TrainingBy {
  const xentRegularize = options['chain.xentRegularize'];
  const xent = xentRegularize !== 0;
  const names = network.outputs.map(({ name }) => name);
  for (const name of xent ? ['output', 'output-xent'] : ['output'])
    if (!names.includes(name))
      throw new UsageError(
        `the network: expected an output '${name}'${name === 'output' ? '' : ' for --chain.xent-regularize'}, found ${names.join(', ')}`,
      );
  const objective = chainObjective({
    denominator: new DenominatorGraph(denominator, network.outputDim('output')),
    l2Regularize: options['chain.l2Regularize'],
    leakyHmmCoefficient: options['chain.leakyHmmCoefficient'],
    xentRegularize,
    denominatorPass: threadedDenominator(options.threads || availableParallelism()),
  });
  return {
    objective,
    program: 'nnet3-chain',
    quantityOf: () => 'log-probability',
    measured: (minibatch) => (xent ? addXentBranch(minibatch) : minibatch),
  };
}
