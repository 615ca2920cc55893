import {
  type GeneralMatrix,
  isSparse,
  type KaldiInput,
  type KaldiOutput,
  readGeneralMatrix,
  writeGeneralMatrix,
} from '@jebena/io-ark';
import { type Indexes, indexesKey, readIndexes, writeIndexes } from './index-vector.js';

/** An input or output of an example: a row of `features` for each index (Kaldi: NnetIo, nnet3/nnet-example.h). */
export interface NnetIo {
  readonly name: string;
  readonly indexes: Indexes;
  /** In the form in which it was written: full, compressed or sparse. */
  readonly features: GeneralMatrix;
}

export function readNnetIo(input: KaldiInput): NnetIo {
  input.expectToken('<NnetIo>');
  const name = input.readToken();
  const indexes = readIndexes(input);
  const start = input.offset;
  const features = readGeneralMatrix(input);
  if (features.rows !== indexes.n.length)
    input.fail(`${indexes.n.length} rows of '${name}', one for each index`, String(features.rows), start);
  input.expectToken('</NnetIo>');
  return { name, indexes, features };
}

export function writeNnetIo(output: KaldiOutput, { name, indexes, features }: NnetIo): void {
  output.writeToken('<NnetIo>');
  output.writeToken(name);
  writeIndexes(output, indexes);
  writeGeneralMatrix(output, features);
  output.writeToken('</NnetIo>');
}

/** A text that is the same for what may be merged: name, indexes, width, and whether it is sparse. */
export const nnetIoStructure = ({ name, indexes, features }: NnetIo): string =>
  `${name} ${features.cols} ${isSparse(features) ? 'sparse' : 'full'} ${indexesKey(indexes)}`;
