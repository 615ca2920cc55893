import { readFileSync } from 'node:fs';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { shared } from '../../../test/support/shared.js';

export const bytesOf = (...parts: string[]): Uint8Array => new Uint8Array(readFileSync(shared('golden', ...parts)));
export const textOf = (...parts: string[]): string => readFileSync(shared('golden', ...parts), 'utf8');

export async function matrices(...parts: string[]): Promise<Map<string, Matrix>> {
  const found = new Map<string, Matrix>();
  for await (const [key, m] of readTable(matrixHolder, `ark:${shared('golden', ...parts)}`))
    found.set(key, m as Matrix);
  return found;
}

/** The networks of golden/nnet3. */
export const nnet3Cases =
  'affine attention blstm cnn combine descriptors gru ivector legacy lstm lstmb lstmp pgru resnet stats subsampled sums tdnn tdnnf'.split(
    ' ',
  );
