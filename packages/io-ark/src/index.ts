export { type ByteSource, type ReadableStreamLike } from './byte-source.js';
export { ByteStream, readAll } from './byte-stream.js';
export { changeMatrix, changeMatrixOptions } from './change-matrix.js';
export {
  type CompressedMatrix,
  type CompressionMethod,
  compress,
  compressionMethods,
  decompress,
} from './compressed-matrix.js';
export { type CutRowsOptions, cutRows } from './cut-rows.js';
export { type FixedDataDir, fixDataDir } from './data-dir/fix.js';
export { type DataDir, toSpk2utt, toUtt2spk } from './data-dir/lines.js';
export { type MakeOptions, makeDataDir } from './data-dir/make.js';
export { type ManifestEntry, parseManifest } from './data-dir/manifest.js';
export { type ValidateOptions, validateDataDir, validateOptions } from './data-dir/validate.js';
export { KaldiIoError, type Place } from './errors.js';
export { formatFloat } from './format-float.js';
export { type Frame, FrameError, decodeFrame, encodeFrame } from './frame.js';
export {
  type GeneralMatrix,
  isCompressed,
  isSparse,
  readGeneralMatrix,
  toMatrix,
  writeGeneralMatrix,
} from './general-matrix.js';
export { gunzip } from './gzip.js';
export type { Holder } from './holder.js';
export {
  boolHolder,
  doubleHolder,
  floatHolder,
  floatPairVectorHolder,
  int32Holder,
  int32PairVectorHolder,
  int32VectorHolder,
  int32VectorVectorHolder,
} from './holders/basic.js';
export { type HtkFeatures, htkHolder, sphinxHolder } from './holders/htk.js';
export {
  anyMatrixHolder,
  anyVectorHolder,
  compressedHolder,
  doubleMatrixHolder,
  doubleVectorHolder,
  generalMatrixHolder,
  matrixHolder,
  vectorHolder,
} from './holders/matrix.js';
export { type GaussPosterior, type Posterior, gaussPosteriorHolder, posteriorHolder } from './holders/posterior.js';
export { tokenHolder, tokenVectorHolder } from './holders/token.js';
export { waveHeaderHolder, waveHolder } from './holders/wave.js';
export { KaldiInput } from './kaldi-input.js';
export { KaldiOutput } from './kaldi-output.js';
export { type Location, parseLocation } from './location.js';
export { type AnyMatrix, type AnyVector, type Matrix, matrix, row } from './matrix.js';
export { NeedMore } from './need-more.js';
export { type NumpyArray, matrixToNumpy, numpyToMatrix, numpyToVector, readNpy, writeNpy } from './npy.js';
export { npzBytes, readNpz } from './npz.js';
export { readObject, writeObject } from './object.js';
export { parseNumber } from './parse-number.js';
export { type RandomAccessTable, compareKeys, openTable } from './random-access-table.js';
export { matrixRange, vectorRange } from './range.js';
export { type ReadTableOptions, type TableSource, readTable } from './read-table.js';
export { readScript } from './script.js';
export {
  type CutSegmentsOptions,
  type Segment,
  type SegmentLimits,
  cutSegment,
  cutSegments,
  parseSegment,
  readLines,
} from './segments.js';
export { type SparseMatrix, type SparseVector, sparseMatrix, sparseToMatrix } from './sparse-matrix.js';
export {
  type ReadSpecifier,
  type WriteSpecifier,
  isReadSpecifier,
  isWriteSpecifier,
  parseReadSpecifier,
  parseWriteSpecifier,
} from './specifier.js';
export { type ByteSink, type RangedReader, type Storage, memoryStorage } from './storage.js';
export { type AddTablesOptions, MatrixSum, addTables } from './sum-matrices.js';
export { type TableSink, TableWriter, type WriteTableOptions, tableBytes, writeTable } from './table-writer.js';
export {
  type WriteMatricesOptions,
  readInt32Vectors,
  readMatrices,
  readPosteriors,
  readTokenVectors,
  readTokens,
  readVectors,
  readWaves,
  writeInt32Vectors,
  writeMatrices,
  writePosteriors,
  writeTokenVectors,
  writeTokens,
  writeVectors,
  writeWaves,
} from './tables.js';
export { ValueReader } from './value-reader.js';
export { type Wave, type WaveHeader, readWave, readWaveHeader } from './wave.js';
export { clippedSamples, writeWaveTo } from './write-wave.js';
