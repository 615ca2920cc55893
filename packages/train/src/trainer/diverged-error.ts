/** Training has left the finite numbers. The parameters are of no use any more: go on from the last checkpoint. */
export class DivergedError extends Error {
  readonly code = 'ERR_DIVERGED';
  override readonly name = 'DivergedError';
}
