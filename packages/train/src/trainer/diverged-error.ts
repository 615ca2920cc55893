/** Training has left the finite numbers: the message names the minibatch and the component. Go on from the last checkpoint. */
export class DivergedError extends Error {
  readonly code = 'ERR_DIVERGED';
  override readonly name = 'DivergedError';
}
