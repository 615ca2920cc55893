import type { Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { adam, type Objective, Trainer } from '@jebena/train';

/** Steps that are timed, after one that is not. */
const timedSteps = 2;

/** How many seconds a step takes here: a few steps on a copy of the network that is thrown away. */
export async function secondsPerStep(
  engine: Engine,
  network: Network,
  objective: Objective,
  minibatches: AsyncIterable<Minibatch>,
): Promise<number> {
  const model = network.load(engine);
  const optimizer = adam()(model);
  const trainer = new Trainer(model, optimizer, () => objective);
  try {
    let began = 0;
    for await (const minibatch of minibatches) {
      await trainer.step(minibatch, 0);
      await trainer.collect();
      if (trainer.steps === 1) began = performance.now();
      if (trainer.steps > timedSteps) break;
    }
    return trainer.steps > 1 ? (performance.now() - began) / 1000 / (trainer.steps - 1) : 0;
  } finally {
    trainer.dispose();
    optimizer.dispose();
    model.dispose();
  }
}
