import type { Engine, RowIndex, Tensor } from '@jebena/engine';
import type { Index } from './indexes.js';

/**
 * Which block of rows of a source each block of a target is: -1 stands for none (zeros). An offset in time is a
 * run of blocks, which engines slice without a copy where they can.
 */
export type RowMap =
  | { readonly kind: 'identity'; readonly blocks: number }
  | { readonly kind: 'slice'; readonly blocks: number; readonly start: number; readonly sourceBlocks: number }
  | {
      readonly kind: 'stride';
      readonly blocks: number;
      readonly start: number;
      readonly stride: number;
      readonly sourceBlocks: number;
    }
  | { readonly kind: 'gather'; readonly blocks: number; readonly index: Int32Array; readonly sourceBlocks: number };

/** The shortest description of a list of source positions. */
export function rowMap(positions: readonly number[] | Int32Array, sourceBlocks: number): RowMap {
  const blocks = positions.length;
  const start = positions[0] ?? 0;
  const stride = blocks > 1 ? positions[1]! - start : 1;
  let regular = start >= 0 && stride > 0;
  for (let i = 0; i < blocks && regular; i++) regular = positions[i] === start + i * stride;
  if (!regular) return { kind: 'gather', blocks, index: Int32Array.from(positions), sourceBlocks };
  if (stride > 1) return { kind: 'stride', blocks, start, stride, sourceBlocks };
  if (start === 0 && blocks === sourceBlocks) return { kind: 'identity', blocks };
  return { kind: 'slice', blocks, start, sourceBlocks };
}

/** Where the indexes stand in a sorted list; -1 for those that do not. */
export function positionsOf(wanted: readonly (Index | undefined)[], source: readonly Index[]): Int32Array {
  const places = new Map<Index, number>();
  source.forEach((s, i) => places.set(s, i));
  return Int32Array.from(wanted, (w) => (w === undefined ? -1 : (places.get(w) ?? -1)));
}

export type MakeRowIndex = (rows: Int32Array) => RowIndex;

/** The rows of the target. The result may be x itself. */
export function mapRows(engine: Engine, x: Tensor, map: RowMap, rowIndex: MakeRowIndex): Tensor {
  if (map.kind === 'identity') return x;
  const size = x.rows / map.sourceBlocks;
  if (map.kind === 'slice') return engine.sliceRows(x, map.start * size, map.blocks * size);
  // A block of rows is one row of a wider matrix: fewer, longer copies.
  const wide = size === 1 ? x : engine.reshape(x, map.sourceBlocks, size * x.cols);
  const picked =
    map.kind === 'stride'
      ? engine.strideRows(wide, map.start, map.stride, map.blocks)
      : engine.gatherRows(wide, rowIndex(map.index));
  const result = size === 1 ? picked : engine.reshape(picked, map.blocks * size, x.cols);
  if (wide !== x) engine.dispose(wide);
  if (result !== picked) engine.dispose(picked);
  return result;
}

/** The transpose: rows of the target are added to where they came from. The result may be dy itself. */
export function unmapRows(engine: Engine, dy: Tensor, map: RowMap, rowIndex: MakeRowIndex): Tensor {
  if (map.kind === 'identity') return dy;
  const size = dy.rows / map.blocks;
  if (map.kind === 'slice') {
    const before = map.start * size;
    const after = (map.sourceBlocks - map.start - map.blocks) * size;
    const parts = [dy];
    if (before) parts.unshift(engine.zeros(before, dy.cols));
    if (after) parts.push(engine.zeros(after, dy.cols));
    const result = engine.concatRows(parts);
    engine.dispose(...parts.filter((p) => p !== dy));
    return result;
  }
  const index = map.kind === 'gather' ? map.index : strideIndex(map);
  const wide = size === 1 ? dy : engine.reshape(dy, map.blocks, size * dy.cols);
  const added = engine.scatterAddRows(wide, rowIndex(index), map.sourceBlocks);
  const result = size === 1 ? added : engine.reshape(added, map.sourceBlocks * size, dy.cols);
  if (wide !== dy) engine.dispose(wide);
  if (result !== added) engine.dispose(added);
  return result;
}

/** The rows of strides, one list for each map: what engines make of a list is found again by it. */
const strides = new WeakMap<RowMap, Int32Array>();

function strideIndex(map: RowMap & { kind: 'stride' }): Int32Array {
  let index = strides.get(map);
  if (!index) strides.set(map, (index = Int32Array.from({ length: map.blocks }, (_, i) => map.start + i * map.stride)));
  return index;
}
