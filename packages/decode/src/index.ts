export { BeamSearch } from './beam-search.js';
export type { BeamSearchState } from './beam-search-state.js';
export type { BestPath } from './best-path.js';
export { DecodeError } from './errors.js';
export { SearchGraph } from './search-graph.js';
export { searchOptions } from './search-options.js';
export { compareWords, WordErrorRate, type WordComparison, type WordPair } from './word-errors.js';
export { connectCompact } from './connect-lattice.js';
export { determinizePruned, type DeterminizePrunedOptions } from './determinize-pruned.js';
export { latticeOrder } from './lattice-order.js';
export { backwardCosts, type CostScales, latticeBestPath, type LatticePath, nBest } from './lattice-paths.js';
export { addWordPenalty, type LatticeScales, scaleLattice } from './lattice-scale.js';
export { LatticeSearch, latticeSearchOptions } from './lattice-search.js';
export { determinizePhonePruned } from './determinize-phones.js';
export { accuracyPosteriors, type AccuracyOptions, type AccuracyPosteriors } from './discriminative-posteriors.js';
export { type ForwardBackward, forwardBackward } from './forward-backward.js';
export { type BoostOptions, boostLattice } from './lattice-boost.js';
export { latticePosteriors, type LatticePosteriors } from './lattice-posteriors.js';
export { pruneLattice } from './lattice-prune.js';
export { latticeDepth, type StateTimes, stateTimes } from './lattice-times.js';
export { type MbrOptions, type MbrResult, type MbrWord, minimumBayesRisk } from './mbr.js';
export { type Decoded, LatticeDecoder, latticeDecoderOptions } from './lattice-decoder.js';
export { latticeOracle } from './oracle.js';
export { rescoreLattice, type WordModel, wordModelOf } from './rescore.js';
export { wordModelOfFst } from './word-model-fst.js';
export { alignPhones, type PhoneAlignment } from './align-phones.js';
export { alignWords, type WordAlignment, type WordBoundary } from './align-words.js';
export { parseAlignLexicon, parseWordBoundaries } from './word-alignment-files.js';
export { type CtmEntry, formatCtm, formatTextGrid, parseCtm, type Tier } from './ctm.js';
export { wordModelOfNgrams } from './word-model-ngram.js';
export { type ArcTime, latticeWordTimes, nBestLattices, type NBestOptions } from './linear-lattices.js';
export {
  bootstrapImprovement,
  type BootstrapInterval,
  type BootstrapOptions,
  bootstrapWer,
  type ErrorCount,
} from './bootstrap.js';
export { errorReport, latticeSvg, type ReportOptions } from './report.js';
export { filterWords, type Score, type ScoredUtterance, type ScoreOptions, scoreUtterances } from './score.js';
export { confusions, formatAlignments, formatSpeakers } from './score-details.js';
export { type ScaleResult, searchScales, type ScaleSearchOptions } from './search-scales.js';
export {
  type Aligned,
  alignmentCtm,
  alignmentTiers,
  alignOptions,
  forcedAlign,
  timeAlignment,
  type TimedAlignment,
} from './forced-align.js';
export { align, decode, type DecodeStageOptions } from './stages.js';
