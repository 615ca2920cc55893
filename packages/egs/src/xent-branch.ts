import { type Stage, type StageOptions, stage } from '@jebena/stream';
import type { Minibatch } from './minibatch.js';

/**
 * Asks minibatches of chain examples for the cross-entropy branch, too: beside each output with supervision one named
 * like it with `-xent` behind, trained towards what LF-MMI finds.
 */
export const withXentBranch = (options?: StageOptions): Stage<Minibatch, Minibatch> =>
  stage(() => ({ push: (minibatch) => [addXentBranch(minibatch)] }), options);

export const addXentBranch = (minibatch: Minibatch): Minibatch => ({
  ...minibatch,
  outputs: minibatch.outputs.flatMap((output) =>
    // One object for both outputs: the branch must see that it stands beside the other.
    output.targets.kind === 'chain' ? [output, { ...output, name: `${output.name}-xent` }] : [output],
  ),
});
