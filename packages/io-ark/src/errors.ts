/** Where in a file something was found that should not be there. */
export interface Place {
  /** The file, archive or stream. */
  readonly path?: string | undefined;
  /** The table key, where there is one. */
  readonly key?: string | undefined;
  /** Byte offset from the start of the file. */
  readonly offset?: number | undefined;
}

/**
 * A file that cannot be read as what it should be. The message is one line: file, key, byte offset, what was
 * expected and what was found.
 */
export class KaldiIoError extends Error {
  readonly code = 'ERR_KALDI_IO';
  override readonly name = 'KaldiIoError';
  readonly path: string | undefined;
  readonly key: string | undefined;
  readonly offset: number | undefined;
  constructor(
    readonly expected: string,
    readonly found: string,
    { path, key, offset }: Place = {},
    options?: ErrorOptions,
  ) {
    const where = [
      path ?? 'input',
      key === undefined ? '' : `key '${key}'`,
      offset === undefined ? '' : `byte ${offset}`,
    ];
    super(`${where.filter(Boolean).join(', ')}: expected ${expected}, found ${found}`, options);
    this.path = path;
    this.key = key;
    this.offset = offset;
  }
}
