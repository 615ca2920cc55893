import type { Minibatch } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import { withMinibatch } from './minibatch-error.js';
import { requestOf } from './request-of.js';

/** Which output is computed, and how. */
export interface OutputsOfSettings {
  /** Default `output`. */
  readonly outputName?: string;
  /** Give the exponential: of log-posteriors, posteriors. Default false. */
  readonly applyExp?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Minibatches with what an output of a network gives for the frames that they have targets for. */
export async function* outputsOf(
  network: Network,
  engine: Engine,
  minibatches: AsyncIterable<Minibatch> | Iterable<Minibatch>,
  { outputName = 'output', applyExp = false, signal }: OutputsOfSettings = {},
): AsyncGenerator<[Minibatch, Matrix]> {
  const model = network.load(engine);
  try {
    for await (const minibatch of minibatches) {
      signal?.throwIfAborted();
      const compute = (): Tensor => {
        const inputs = minibatch.inputs.map(({ name, feats }) => [
          name,
          engine.tensor(feats.rows, feats.cols, feats.data as Float32Array),
        ]);
        const pass = model.compute(requestOf(minibatch)).forward(Object.fromEntries(inputs));
        const computed = pass.output(outputName);
        const kept = engine.keep(applyExp ? engine.unary('exp', computed) : engine.scale(computed, 1));
        pass.dispose();
        return kept;
      };
      const y = withMinibatch(minibatch.key, () => engine.tidy(compute));
      const data = (await engine.read(y)).slice();
      engine.dispose(y);
      yield [minibatch, { rows: y.rows, cols: y.cols, data }];
    }
  } finally {
    model.dispose();
  }
}
