import type { DenominatorGraph } from '@jebena/chain';
import { type Example, minibatches, shuffle, withXentBranch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { averageNetworks, chainObjective, exponentialDecay, kaldiSgd, train } from '@jebena/train';
import { pipe } from 'it-pipe';
import { factor, shifted } from './examples.js';
import type { ChainRecipeOptions } from './options.js';

export interface Pass {
  readonly pass: number;
  readonly of: number;
  /** LF-MMI objective a frame. */
  readonly objective: number;
  readonly frames: number;
  readonly seconds: number;
}

/** Kaldi's passes: an epoch goes over the examples once for each frame shift. */
export async function trainChain(
  engine: Engine,
  network: Network,
  denominator: DenominatorGraph,
  examples: readonly Example[],
  options: ChainRecipeOptions,
  onPass: (pass: Pass) => void,
): Promise<Network> {
  const passes = options.epochs * factor;
  const wanted = options.passes > 0 ? Math.min(options.passes, passes) : passes;
  const stepsAPass = Math.ceil(examples.length / Number.parseInt(options.minibatch, 10));
  const model = network.load(engine);
  const optimizer = kaldiSgd({ maxParamChange: 2, seed: options.seed })(model);
  const objective = chainObjective({ denominator, leakyHmmCoefficient: 0.1, l2Regularize: 5e-5, xentRegularize: 0.1 });
  const last: Network[] = [];
  let steps = 0;
  for (let pass = 0; pass < wanted; pass++) {
    const seed = options.seed + pass;
    const events = pipe(
      shifted(examples, (pass % factor) - 1),
      shuffle({ buffer: Infinity, seed }),
      minibatches(options.minibatch),
      withXentBranch(),
      train(model, {
        objective,
        optimizer,
        schedule: exponentialDecay(options.initialRate, options.finalRate),
        totalSteps: passes * stepsAPass,
        firstStep: steps,
        reportEvery: Infinity,
        seed,
      }),
    );
    for await (const event of events) {
      if (event.type !== 'end') continue;
      steps = event.step;
      const { objective: sum, weight } = event.outputs['output']!;
      onPass({ pass: pass + 1, of: wanted, objective: sum / weight, frames: event.frames, seconds: event.seconds });
    }
    if (pass >= wanted - options.average) last.push(await model.save());
  }
  optimizer.dispose();
  model.dispose();
  return averageNetworks(last);
}
