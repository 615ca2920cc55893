import type { Item } from '@jebena/stream';
import { type CompressionMethod } from './compressed-matrix.js';
import { int32VectorHolder } from './holders/basic.js';
import { compressedHolder, matrixHolder, vectorHolder } from './holders/matrix.js';
import { posteriorHolder, type Posterior } from './holders/posterior.js';
import { waveHolder } from './holders/wave.js';
import { tokenHolder, tokenVectorHolder } from './holders/token.js';
import type { AnyMatrix, AnyVector, Matrix } from './matrix.js';
import { type ReadTableOptions, type TableSource, readTable } from './read-table.js';
import { type TableSink, type WriteTableOptions, writeTable } from './table-writer.js';
import type { Wave } from './wave.js';

/** Matrices of floats, whatever form they were written in: double, compressed and sparse ones are converted. */
export const readMatrices = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Matrix>> =>
  readTable(matrixHolder, source, options);

/** Vectors of floats. */
export const readVectors = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Float32Array>> =>
  readTable(vectorHolder, source, options);

/** Vectors of integers, such as alignments. */
export const readInt32Vectors = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Int32Array>> =>
  readTable(int32VectorHolder, source, options);

/** Posteriors: for each frame, pairs of an id and its weight. */
export const readPosteriors = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Posterior>> =>
  readTable(posteriorHolder, source, options);

/** Waves, each channel in the range of 16-bit integers. */
export const readWaves = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<Wave>> =>
  readTable(waveHolder, source, options);

/** One word a key, as in utt2spk. */
export const readTokens = (source: TableSource, options?: ReadTableOptions): AsyncIterable<Item<string>> =>
  readTable(tokenHolder, source, options);

/** Words, as in text or spk2utt. */
export const readTokenVectors = (
  source: TableSource,
  options?: ReadTableOptions,
): AsyncIterable<Item<readonly string[]>> => readTable(tokenVectorHolder, source, options);

export interface WriteMatricesOptions extends WriteTableOptions {
  /** Compresses as it writes; left out, values are written as they are. */
  readonly compression?: CompressionMethod | undefined;
}

/** A sink that writes matrices. */
export const writeMatrices = (
  specifier: string,
  { compression, ...options }: WriteMatricesOptions = {},
): TableSink<AnyMatrix> => writeTable(compression ? compressedHolder(compression) : matrixHolder, specifier, options);

/** A sink that writes vectors. */
export const writeVectors = (specifier: string, options?: WriteTableOptions): TableSink<AnyVector> =>
  writeTable(vectorHolder, specifier, options);

/** A sink that writes vectors of integers. */
export const writeInt32Vectors = (specifier: string, options?: WriteTableOptions): TableSink<ArrayLike<number>> =>
  writeTable(int32VectorHolder, specifier, options);

/** A sink that writes posteriors. */
export const writePosteriors = (specifier: string, options?: WriteTableOptions): TableSink<Posterior> =>
  writeTable(posteriorHolder, specifier, options);

/** A sink that writes waves as 16-bit PCM. */
export const writeWaves = (specifier: string, options?: WriteTableOptions): TableSink<Wave> =>
  writeTable(waveHolder, specifier, options);

/** A sink that writes one word a key. */
export const writeTokens = (specifier: string, options?: WriteTableOptions): TableSink<string> =>
  writeTable(tokenHolder, specifier, options);

/** A sink that writes words. */
export const writeTokenVectors = (specifier: string, options?: WriteTableOptions): TableSink<readonly string[]> =>
  writeTable(tokenVectorHolder, specifier, options);
