export { denominatorFst, normalizationFst } from './denominator-fst.js';
export { DenominatorGraph, type GroupedArcs, initialProbabilities } from './denominator-graph.js';
export { denominatorForwardBackward, type DenominatorResult } from './denominator.js';
export { ChainError, type ChainErrorCode } from './errors.js';
export { type ChainEvaluation, type ChainSettings, evaluateChain } from './evaluate-chain.js';
export { mergeSupervisions } from './merge-supervision.js';
export { numeratorForwardBackward } from './numerator.js';
export { readSupervision, type Supervision, supervisionHolder, writeSupervision } from './supervision.js';
export { PhoneLanguageModel, type PhoneLanguageModelOptions } from './phone-language-model.js';
