import type { Tensor } from '@jebena/engine';
import type { Call } from '../component.js';

/** Column i of the result is column map[i] of x; zeros where it is -1. */
export function gatherCols(call: Call, key: string, x: Tensor, map: () => Int32Array): Tensor {
  const { engine } = call;
  return engine.transpose(engine.gatherRows(engine.transpose(x), call.rowIndex(key, map)));
}

/** Column map[i] of the result (which has `cols` columns) is the sum of the columns i of x. */
export function scatterAddCols(call: Call, key: string, x: Tensor, map: () => Int32Array, cols: number): Tensor {
  const { engine } = call;
  return engine.transpose(engine.scatterAddRows(engine.transpose(x), call.rowIndex(key, map), cols));
}

/** Rows of `width` columns each: what a component that treats blocks of columns alike works on. */
export const asBlocks = ({ engine }: Call, x: Tensor, width: number): Tensor =>
  x.cols === width ? x : engine.reshape(x, (x.rows * x.cols) / width, width);
