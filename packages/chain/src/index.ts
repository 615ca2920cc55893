export { denominatorFst, normalizationFst } from './denominator-fst.js';
export { DenominatorGraph, type GroupedArcs, initialProbabilities } from './denominator-graph.js';
export {
  denominatorForwardBackward,
  type DenominatorPass,
  type DenominatorResult,
  type DenominatorScope,
} from './denominator.js';
export { ChainError, type ChainErrorCode } from './errors.js';
export { type ChainEvaluation, type ChainSettings, evaluateChain } from './evaluate-chain.js';
export { mergeSupervisions } from './merge-supervision.js';
export { normalizeSupervision } from './normalize-supervision.js';
export { numeratorForwardBackward } from './numerator.js';
export { readSupervision, type Supervision, supervisionHolder, writeSupervision } from './supervision.js';
export { PhoneLanguageModel, type PhoneLanguageModelOptions } from './phone-language-model.js';
export {
  alignmentToProtoSupervision,
  phoneLatticeToProtoSupervision,
  type ProtoSupervision,
} from './proto-supervision.js';
export { protoToSupervision, type ProtoToSupervisionOptions } from './proto-to-supervision.js';
export { type SupervisionOptions, supervisionOptions } from './supervision-options.js';
export { SupervisionSplitter } from './supervision-splitter.js';
export { toUnconstrained } from './unconstrained-supervision.js';
export { trainingGraphToPdfs, trainingGraphToSupervision } from './training-graph-supervision.js';
