export { createEngine } from './create-engine.js';
export { type ElementwiseOp, type ElementwiseProgram, type Value, type Writer, elementwise } from './elementwise.js';
export type { BinaryOp, Engine, MapOptions, MatmulOptions, Precision, RowIndex, Tensor, UnaryOp } from './engine.js';
export { type EngineName, type EngineOptions, engineNames, engineOptions } from './engine-options.js';
export { EngineError } from './errors.js';
export { tfjsEngine } from './tfjs/tfjs-engine.js';
