/** What the user asked for cannot be: an unknown option, a value out of range, a missing argument. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  override readonly name = 'UsageError';
}
