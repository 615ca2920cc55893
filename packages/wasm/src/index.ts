export { assemble, type WasmFunction } from './assemble.js';
export { call, type Code, f32x4, f64x2, get, i32, i32x4, loop, set, v128, whileLoop } from './code.js';
export { define, type Locals } from './define.js';
export { instantiate, type WasmInstance } from './instantiate.js';
