export { type ChunkOptions, chunkOptions, Chunker, chunks } from './chunks.js';
export {
  detach,
  type Example,
  type ExampleInput,
  type ExampleOutput,
  inputMatrix,
  sizeOf,
  structureOf,
} from './example.js';
export type { Lookup } from './lookup.js';
export { mergeExamples } from './merge-examples.js';
export { type LeftOver, type Mergeable, type MergeCount, Merger, type MergerOptions } from './merger.js';
export type {
  ChainTargets,
  ChunkTargets,
  DenseTargets,
  LabelTargets,
  Minibatch,
  MinibatchInput,
  MinibatchOutput,
  PosteriorTargets,
  Targets,
} from './minibatch.js';
export { type MinibatchRule, parseMinibatchRule, type SizeSet } from './minibatch-rule.js';
export { mergeableExamples, minibatches, type MinibatchesOptions } from './minibatches.js';
export { Random } from './random.js';
export { EgsError, EgsReport, type Problem, type ProblemKind } from './report.js';
export { shuffle, type ShuffleOptions, Shuffler } from './shuffle.js';
export { sliceRows, sliceTargets, targetRows } from './targets.js';
export { UtteranceSupervision, type UtteranceSupervisionOptions } from './utterance-supervision.js';
export type { UtteranceExample, UtteranceInput, UtteranceOutput, UtteranceVectors } from './utterance-example.js';
export { type ChunkPlace, type SplitterOptions, UtteranceSplitter } from './utterance-splitter.js';
export { withTargets, type WithTargetsOptions } from './with-targets.js';
export type { TargetSource } from './target-source.js';
export { TargetJoiner, type TargetJoinerOptions } from './target-joiner.js';
export {
  endToEndNumerators,
  type EndToEndOptions,
  type Numerator,
  numerators,
  type NumeratorOptions,
  type PhoneLengths,
} from './numerators.js';
export { addXentBranch, chainTargetsAs, type ChainTargetsOptions, withXentBranch } from './xent-branch.js';
export { mix, type MixOptions } from './mix.js';
export { type Candidate, type DrawBy, sampleChunks, type SampleOptions } from './sampler.js';
export { curriculumLength, wholeSequences, type WholeSequenceOptions } from './whole-sequences.js';
export { type Indexes, timeIndexes } from './kaldi/index-vector.js';
export {
  mergeableNnetChainExamples,
  mergeableNnetExamples,
  mergeNnetChainExamples,
  mergeNnetExamples,
  type MergeNnetOptions,
} from './kaldi/merge-nnet-examples.js';
export {
  type NnetChainExample,
  nnetChainExampleHolder,
  nnetChainExampleSize,
  type NnetChainSupervision,
} from './kaldi/nnet-chain-example.js';
export { type NnetExample, nnetExampleHolder, nnetExampleSize } from './kaldi/nnet-example.js';
export type { NnetIo } from './kaldi/nnet-io.js';
export { mergeStatistics } from './merge-statistics.js';
export {
  fromMinibatch,
  fromNnetExample,
  type FromExampleOptions,
  toMinibatch,
  toNnetExample,
} from './kaldi/convert.js';
export { fromNnetChainExample, toNnetChainExample } from './kaldi/convert-chain.js';
export { type ChainMinibatchOptions, chainMinibatch } from './kaldi/chain-minibatch.js';
export { posteriorTargets } from './posterior-targets.js';
export { SplitStatistics } from './split-statistics.js';
export {
  chainSubsamplingFactor,
  renameChainOutput,
  scaleSupervision,
  shiftChainTimes,
  trimChainContext,
  truncateDerivWeights,
} from './kaldi/edit-chain-examples.js';
export { renameOutput, scaleTargets, selectFrames, type SelectOptions, shiftTimes } from './kaldi/edit-examples.js';
export { anyExampleHolder, EgsInfo } from './kaldi/egs-info.js';
export { Subset } from './subset.js';
export { Shard, ShardError } from './shard.js';
export { readShards, type ReadShardsOptions, type WriteShardsOptions, writeShards } from './shards.js';
export { shiftFrames } from './shift-frames.js';
export { oneFrame } from './one-frame.js';
export { type ExamplePlace, type MinibatchPlan, planMinibatches, type PlanOptions } from './plan-minibatches.js';
export { encodeShard, type EncodeShardOptions } from './write-shard.js';
export { Position, PositionError, type Resumable } from './position.js';
