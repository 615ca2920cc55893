/** What a search, a lattice or a score cannot work on; one line says what and where. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  constructor(
    readonly code:
      | 'ERR_DECODE_GRAPH'
      | 'ERR_DECODE_SCORES'
      | 'ERR_DECODE_LATTICE'
      | 'ERR_DECODE_TEXT'
      | 'ERR_DECODE_STATE',
    message: string,
  ) {
    super(message);
  }
}
