import { type Stage, type StageOptions, stage } from '@jebena/stream';
import { detach, type Example, sizeOf, structureOf } from './example.js';
import { mergeExamples } from './merge-examples.js';
import { type Mergeable, Merger, type MergerOptions } from './merger.js';
import type { Minibatch } from './minibatch.js';
import type { Position } from './position.js';

export interface MinibatchesOptions extends MergerOptions, StageOptions {
  /** Where the pipeline's position is kept, so that it can go on after a crash. */
  readonly position?: Position | undefined;
}

/** How {@link Example}s are merged. */
export const mergeableExamples: Mergeable<Example, Minibatch> = {
  keyOf: (example) => example.key,
  structureOf,
  sizeOf,
  detach,
  merge: (examples, index) => mergeExamples(examples, `merged-${index}-${examples.length}`),
};

/**
 * Merges examples to minibatches, as `nnet3-merge-egs` does; nothing is discarded unless asked for.
 *
 * @param rule Kaldi's grammar, such as `'128,64'`, or the rule with options
 * @example
 * ```ts
 * pipe(examples, shuffle({ seed: 1 }), minibatches('150=64,32/90=128:256'))
 * pipe(examples, minibatches({ rule: 64, leftOver: 'drop', report }))
 * ```
 */
export function minibatches(rule: string | number | MinibatchesOptions): Stage<Example, Minibatch> {
  const options: MinibatchesOptions = typeof rule === 'object' ? rule : { rule };
  const { position, leftOver } = options;
  // What is kept for the next epoch lives as long as this stage.
  const kept = leftOver === 'keep' ? new Merger(mergeableExamples, options) : undefined;
  const make = (): Merger<Example, Minibatch> => kept ?? new Merger(mergeableExamples, options);
  return position ? position.stage('minibatches', make, options) : stage(make, options);
}
