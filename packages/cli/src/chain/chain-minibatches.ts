import { type ChainMinibatchOptions, chainMinibatch, type Minibatch, nnetChainExampleHolder } from '@jebena/egs';
import { readTable } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/** Merged chain examples of Kaldi's as minibatches. */
export async function* chainMinibatches(
  rspecifier: string,
  options: ChainMinibatchOptions,
  context: ProgramContext,
): AsyncGenerator<Minibatch> {
  for await (const [key, example] of readTable(nnetChainExampleHolder, rspecifier, context))
    yield chainMinibatch(key, example, options);
}
