import { type Minibatch, nnetExampleHolder, toMinibatch } from '@jebena/egs';
import { readTable } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/** Merged examples of Kaldi's as minibatches. */
export async function* egsMinibatches(rspecifier: string, context: ProgramContext): AsyncGenerator<Minibatch> {
  for await (const [key, example] of readTable(nnetExampleHolder, rspecifier, context)) yield toMinibatch(key, example);
}
