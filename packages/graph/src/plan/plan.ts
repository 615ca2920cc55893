import type { Rows } from '../component.js';
import type { Index } from '../indexes.js';
import type { RowMap } from '../row-map.js';

/** A matrix of a plan: rows of one node, a block for each index. */
export interface Slot {
  readonly id: number;
  readonly node: string;
  readonly indexes: readonly Index[];
  readonly cols: number;
  /** Whether a derivative of it can matter. */
  wantsDerivative: boolean;
}

/** Rows (and columns) of a slot that are added into a part. */
export interface Leaf {
  readonly slot: number;
  readonly map: RowMap;
  readonly scale: number;
  /** The columns taken; all where absent. */
  readonly cols?: { readonly start: number; readonly count: number } | undefined;
}

/** A sum of leaves and constants: some columns of an input. */
export interface Part {
  readonly dim: number;
  readonly leaves: readonly Leaf[];
  /** Added to the blocks of rows for which `blocks` is 1 (to all where absent). */
  readonly constants: readonly { readonly value: number; readonly blocks?: Float32Array | undefined }[];
}

/** Parts side by side. */
export interface Gather {
  readonly blocks: number;
  readonly parts: readonly Part[];
}

export interface ComponentStep {
  readonly kind: 'component';
  readonly component: string;
  readonly input: Gather;
  readonly output: number;
  readonly rows: Rows;
}

/**
 * What an affine inside a recurrence makes of the inputs from outside it, for all frames in one product; or what several
 * make that read the same, side by side.
 */
export interface ProjectStep {
  readonly kind: 'project';
  readonly components: readonly string[];
  readonly input: Gather;
  readonly output: number;
  /** For each part of the whole input, in order: whether it comes from outside, and its dim. */
  readonly layout: readonly { readonly outside: boolean; readonly dim: number }[];
}

/** Adds the product with the inputs from inside the recurrence, for the frames of one step. */
export interface RecurStep {
  readonly kind: 'recur';
  readonly projected: Leaf;
  readonly input: Gather;
  readonly output: number;
}

/** The slot of what an affine inside a recurrence makes of the inputs from outside it. */
export const projectedSlot = (step: ProjectStep | RecurStep): number =>
  step.kind === 'project' ? step.output : step.projected.slot;

/** Joins slots of one node. */
export interface MergeStep {
  readonly kind: 'merge';
  readonly inputs: readonly number[];
  /** From the joined rows to those of the output. */
  readonly map: RowMap;
  readonly output: number;
}

export interface OutputStep {
  readonly kind: 'output';
  readonly name: string;
  readonly input: Gather;
}

export type Step = ComponentStep | ProjectStep | RecurStep | MergeStep | OutputStep;

/** A computation as a list of steps. */
export interface Plan {
  readonly sequences: number;
  readonly slots: readonly Slot[];
  readonly steps: readonly Step[];
  /** Slots that the caller fills, by input name. */
  readonly inputs: ReadonlyMap<string, number>;
  /** Slots that an earlier chunk left, by node. */
  readonly carried: ReadonlyMap<string, number>;
  /** What is left for a later chunk, by node: rows of a slot. */
  readonly kept: ReadonlyMap<string, Leaf>;
  readonly inputDerivatives: readonly string[];
}

/** The slots that a gather reads. */
export function* slotsOf(gather: Gather): Iterable<number> {
  for (const part of gather.parts) for (const leaf of part.leaves) yield leaf.slot;
}

/** The slots that a step reads. */
export function* readSlots(step: Step): Iterable<number> {
  if (step.kind === 'merge') yield* step.inputs;
  else {
    yield* slotsOf(step.input);
    if (step.kind === 'recur') yield step.projected.slot;
  }
}
