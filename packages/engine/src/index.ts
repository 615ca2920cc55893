export { createEngine } from './create-engine.js';
export { type ElementwiseOp, type ElementwiseProgram, type Value, type Writer, elementwise } from './elementwise.js';
export type { BinaryOp, Engine, MapOptions, MatmulOptions, Precision, RowIndex, Tensor, UnaryOp } from './engine.js';
export { type EngineName, type EngineOptions, engineNames, engineOptions } from './engine-options.js';
export { EngineError } from './errors.js';
export { tfjsEngine } from './tfjs/tfjs-engine.js';
export {
  type BatchNormOptions,
  type BatchNormResult,
  type Normalizer,
  type NormalizerSlope,
  batchNorm,
  batchNormGrad,
  normGradSquares,
  normalize,
  normalizer,
  normalizerSlope,
  reluNormGrad,
} from './fused/batch-norm.js';
export { gruGates, gruGatesGrad, gruOutput, gruOutputGrad } from './fused/gru-cell.js';
export { type LstmCellOptions, type LstmStep, lstmCell, lstmCellGrad } from './fused/lstm-cell.js';
export { type AdamSettings, adamUpdate, sgdUpdate } from './fused/updates.js';
