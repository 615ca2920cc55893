import type { Minibatch } from '@jebena/egs';
import { shardMinibatches } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { formatFloat } from '@jebena/io-ark';
import { collect, map } from '@jebena/stream';
import { evaluate } from '../../trainer/evaluate.js';
import type { OutputSums } from '../../trainer/events.js';
import { writeWhole } from '../write-whole.js';
import type { TrainingBy } from './training-by.js';

/** Objective and accuracy of a model on a set of examples. */
export interface Measured {
  readonly objective: number;
  readonly accuracy: number | undefined;
}

/** The minibatches of a set, in memory: it is gone through again and again. */
export const minibatchesOf = async (
  shards: readonly string[],
  rule: string,
  change: (minibatch: Minibatch) => Minibatch = (minibatch) => minibatch,
): Promise<Minibatch[]> =>
  shards.length === 0 ? [] : collect(map(change)(shardMinibatches(shards, { rule, workers: 0 })));

/** Measures a network on minibatches; writes what nnet3-compute-prob, or nnet3-chain-compute-prob, would print to a log. */
export async function measure(
  network: Network,
  engine: Engine,
  { objective, program, quantityOf }: TrainingBy,
  minibatches: readonly Minibatch[],
  log: string,
  signal: AbortSignal,
): Promise<Measured | undefined> {
  if (minibatches.length === 0) return undefined;
  const model = network.load(engine);
  try {
    const outputs = await evaluate(model, minibatches, objective, { signal });
    writeWhole(log, lines(`${program}-compute-prob`, outputs, quantityOf));
    const { objective: sum, weight, correct } = outputs['output'] ?? Object.values(outputs)[0]!;
    return { objective: sum / weight, accuracy: correct === undefined ? undefined : correct / weight };
  } finally {
    model.dispose();
  }
}

function lines(
  program: string,
  outputs: Readonly<Record<string, OutputSums>>,
  quantityOf: (output: string) => string,
): string {
  let text = '';
  for (const [output, { objective, weight, correct }] of Object.entries(outputs)) {
    const over = `per frame, over ${formatFloat(weight, 6)} frames.`;
    text += `LOG (${program}) Overall ${quantityOf(output)} for '${output}' is ${formatFloat(objective / weight, 6)} ${over}\n`;
    if (correct !== undefined)
      text += `LOG (${program}) Overall accuracy for '${output}' is ${formatFloat(correct / weight, 6)} ${over}\n`;
  }
  return text;
}
