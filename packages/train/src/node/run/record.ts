import type { IterationResult } from './iterate.js';
import type { Measured } from './measure.js';

/** An iteration in the folder's iterations.json. */
export interface RunRecord extends IterationResult {
  /** On held-out examples, after it. */
  readonly valid: Measured | undefined;
  /** On examples of the training data, after it. */
  readonly train: Measured | undefined;
}
