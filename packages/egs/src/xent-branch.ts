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

/** How chain examples are trained on. */
export interface ChainTargetsOptions {
  /** Ask the cross-entropy branch for its output, too (`output-xent` beside `output`). Default false. */
  readonly xent?: boolean;
  /** Take the weights of frames that the examples hold. Default true. */
  readonly derivWeights?: boolean;
}

/** Makes minibatches of chain examples what is trained on. */
export function chainTargetsAs({
  xent = false,
  derivWeights = true,
}: ChainTargetsOptions): (minibatch: Minibatch) => Minibatch {
  return (minibatch) => {
    const outputs = derivWeights
      ? minibatch.outputs
      : minibatch.outputs.map((output) => ({ ...output, weights: undefined }));
    const changed = { ...minibatch, outputs };
    return xent ? addXentBranch(changed) : changed;
  };
}
