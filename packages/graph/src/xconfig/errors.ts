/** An xconfig that cannot be turned into a network: which line, what is wrong, what was expected and found. */
export class XconfigError extends Error {
  readonly code = 'ERR_XCONFIG';
  override readonly name = 'XconfigError';
  constructor(
    message: string,
    /** The line in the file, counted from 1; undefined where the whole file is meant. */
    readonly line?: number,
  ) {
    super(line === undefined ? `xconfig: ${message}` : `xconfig line ${line}: ${message}`);
  }
}
