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
