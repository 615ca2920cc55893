import type { Minibatch } from '@jebena/egs';
import { shardMinibatches } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { formatFloat } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { evaluate } from '../../trainer/evaluate.js';
import type { OutputSums } from '../../trainer/events.js';
import { writeWhole } from '../write-whole.js';
import { outputObjectives } from '../../objectives/output-objectives.js';

/** Objective and accuracy of a model on a set of examples. */
export interface Measured {
  readonly objective: number;
  readonly accuracy: number | undefined;
}

/** The minibatches of a set, in memory: it is gone through again and again. */
export const minibatchesOf = (shards: readonly string[], rule: string): Promise<Minibatch[]> =>
  shards.length === 0 ? Promise.resolve([]) : collect(shardMinibatches(shards, { rule, workers: 0 }));

/** Measures a network on minibatches; writes what nnet3-compute-prob would print to a log. */
export async function measure(
  network: Network,
  engine: Engine,
  minibatches: readonly Minibatch[],
  log: string,
  signal: AbortSignal,
): Promise<Measured | undefined> {
  if (minibatches.length === 0) return undefined;
  const model = network.load(engine);
  try {
    const outputs = await evaluate(model, minibatches, outputObjectives(network), { signal });
    writeWhole(log, lines(network, outputs));
    const { objective, weight, correct } = outputs['output'] ?? Object.values(outputs)[0]!;
    return { objective: objective / weight, accuracy: correct === undefined ? undefined : correct / weight };
  } finally {
    model.dispose();
  }
}

function lines(network: Network, outputs: Readonly<Record<string, OutputSums>>): string {
  const linear = new Set(network.outputs.filter((o) => o.objective === 'linear').map((o) => o.name));
  let text = '';
  for (const [output, { objective, weight, correct }] of Object.entries(outputs)) {
    const what = linear.has(output) ? 'log-likelihood' : 'objective';
    const over = `per frame, over ${formatFloat(weight, 6)} frames.`;
    text += `LOG (nnet3-compute-prob) Overall ${what} for '${output}' is ${formatFloat(objective / weight, 6)} ${over}\n`;
    if (correct !== undefined)
      text += `LOG (nnet3-compute-prob) Overall accuracy for '${output}' is ${formatFloat(correct / weight, 6)} ${over}\n`;
  }
  return text;
}
