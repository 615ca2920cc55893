import type { Tensor } from '@jebena/engine';
import type { Computation } from './computation.js';
import type { Derivative, Group } from './derivative.js';
import type { MergeStep } from './plan/plan.js';
import type { References } from './references.js';
import { mapRows, rowMap, unmapRows } from './row-map.js';

/** The rows of several slots as one matrix, in the order of its indexes. */
export function merged(
  { engine, gatherer }: Computation,
  step: MergeStep,
  values: readonly (Tensor | undefined)[],
  refs: References,
): Tensor {
  const parts = step.inputs.map((slot) => values[slot]!);
  const joined = parts.length === 1 ? refs.own(parts[0]!) : refs.own(engine.concatRows(parts));
  const mapped = refs.own(mapRows(engine, joined, step.map, gatherer.rowIndex));
  refs.release(joined);
  return mapped;
}

/** Hands the derivative of {@link merged} rows back to the slots that they came from. */
export function unmerge(
  computation: Computation,
  step: MergeStep,
  sums: readonly (Derivative | undefined)[],
  refs: References,
): void {
  for (const group of sums[step.output]?.takeByColumns(computation.gatherer.rowIndex) ?? []) {
    unmergeColumns(computation, step, group, sums, refs);
    refs.release(group.tensor);
  }
}

function unmergeColumns(
  { engine, gatherer, plan }: Computation,
  step: MergeStep,
  { columns, tensor: dy }: Group,
  sums: readonly (Derivative | undefined)[],
  refs: References,
): void {
  const blocks = step.inputs.map((slot) => plan.slots[slot]!.indexes.length);
  const total = blocks.reduce((a, b) => a + b, 0);
  const d = refs.own(unmapRows(engine, dy, step.map, gatherer.rowIndex));
  let at = 0;
  step.inputs.forEach((slot, i) => {
    const target = sums[slot];
    if (target) {
      const map = rowMap(
        Array.from({ length: blocks[i]! }, (_, k) => at + k),
        total,
      );
      const part = mapRows(engine, d, map, gatherer.rowIndex);
      target.add(refs.own(part), { kind: 'identity', blocks: blocks[i]! }, columns);
    }
    at += blocks[i]!;
  });
  refs.release(d);
}
