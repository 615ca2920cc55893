/** What can go wrong with a transducer as such; what goes wrong in a file is a KaldiIoError. */
export type FstErrorCode =
  | 'ERR_FST_INVALID'
  | 'ERR_FST_NOT_DETERMINIZABLE'
  | 'ERR_FST_NOT_FUNCTIONAL'
  | 'ERR_FST_NOT_ACCEPTOR'
  | 'ERR_FST_NEGATIVE_CYCLE'
  | 'ERR_FST_UNKNOWN_SYMBOL';

/** A transducer that an operation cannot take, with the reason as a `code`. */
export class FstError extends Error {
  override readonly name = 'FstError';
  constructor(
    readonly code: FstErrorCode,
    message: string,
  ) {
    super(message);
  }
}
