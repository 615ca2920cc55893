export type { BinaryOp, Engine, MatmulOptions, Precision, RowIndex, Tensor, UnaryOp } from './engine.js';
