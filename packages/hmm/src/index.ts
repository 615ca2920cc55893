export type { BiphoneOptions } from './biphone-map.js';
export { ContextTree } from './context-tree.js';
export { HmmError } from './errors.js';
export { type Event, type EventMap, mapEvent, maxAnswer, pdfClassKey, possibleAnswers } from './event-map.js';
export { noPdf, Topology, type TopologyEntry, type TopologyState } from './topology.js';
export { TransitionModel, type TransitionTuple } from './transition-model.js';
export {
  alignmentToPdfs,
  alignmentToPhoneRuns,
  alignmentToPhones,
  alignmentToWords,
  checkAlignment,
  type PhoneRun,
  placeWords,
  type WordTime,
} from './alignment.js';
export {
  type EdgeSilence,
  type GraphemeOptions,
  Lexicon,
  type LexiconOptions,
  type Pronunciation,
  type SilenceProbabilities,
} from './lexicon.js';
export { addDisambig, type Disambiguated } from './lexicon-disambig.js';
export { type ContextFst, composeContext, type ContextOptions, type LabelInfo } from './context-fst.js';
export { posteriorOnAlignment } from './posterior-on-alignment.js';
export { equalAlign, type EqualAlignOptions } from './equal-align.js';
export { linearAcceptor, wordLoop } from './grammar-loop.js';
export { hTransducer, type HTransducer } from './h-transducer.js';
export { Language, type LanguageOptions } from './language.js';
export { lexiconFst, type LexiconFstOptions } from './lexicon-fst.js';
export { type GraphOptions, type GraphParts, type LexiconTransducer, makeGraph, makeLG } from './make-graph.js';
export { addSelfLoops, type SelfLoopOptions } from './self-loops.js';
export { TrainingGraphCompiler, type TrainingGraphOptions, type TrainingLexicon } from './training-graphs.js';
export { addTransitionProbs, scaledLogProb, type TransitionScales } from './transition-probs.js';
export * from './grammar/index.js';
export { type Lang, prepareLang, type PrepareLangOptions } from './prepare-lang.js';
export { chainTopology, ctcTopology, hmmTopology, type HmmTopologyOptions } from './topologies.js';
export { formatTransitions } from './show-transitions.js';
export { countTransitions, updateTransitions, type UpdateTransitionsOptions } from './update-transitions.js';
export { buildTree, type BuildTreeOptions, phoneQuestions, type TreeRoot } from './build-tree.js';
export {
  type GaussianStats,
  gaussianLike,
  type StatsEntry,
  sumStats,
  TreeStats,
  type TreeStatsOptions,
} from './tree-stats.js';
export { addWordsToGraph, type AddWordsParts } from './add-words.js';
