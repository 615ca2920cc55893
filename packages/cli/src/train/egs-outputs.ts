import type { Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import { requestOf } from '@jebena/train';
import type { ProgramContext } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';

/** Examples with what an output of a network gives for the frames that they have targets for. */
export async function* egsOutputs(
  network: Network,
  engine: Engine,
  egs: string,
  { outputName = 'output', applyExp = false }: { outputName?: string; applyExp?: boolean },
  context: ProgramContext,
): AsyncGenerator<[Minibatch, Matrix]> {
  const model = network.load(engine);
  for await (const minibatch of egsMinibatches(egs, context)) {
    context.signal.throwIfAborted();
    const y = engine.tidy(() => {
      const inputs = minibatch.inputs.map(({ name, feats }) => [
        name,
        engine.tensor(feats.rows, feats.cols, feats.data as Float32Array),
      ]);
      const pass = model.compute(requestOf(minibatch)).forward(Object.fromEntries(inputs));
      const computed = pass.output(outputName);
      const kept = engine.keep(applyExp ? engine.unary('exp', computed) : engine.scale(computed, 1));
      pass.dispose();
      return kept;
    });
    const data = (await engine.read(y)).slice();
    engine.dispose(y);
    yield [minibatch, { rows: y.rows, cols: y.cols, data }];
  }
  model.dispose();
}
