export type NetworkErrorCode =
  | 'ERR_NETWORK_CONFIG'
  | 'ERR_UNKNOWN_COMPONENT'
  | 'ERR_NETWORK_DIM'
  | 'ERR_NETWORK_CYCLE'
  | 'ERR_NETWORK_NAME'
  | 'ERR_NOT_COMPUTABLE';

export interface NetworkErrorPlace {
  /** Line of the config, from 1. */
  readonly line?: number | undefined;
  /** The node or component. */
  readonly name?: string | undefined;
}

/** A network that cannot be built or run as asked: where, what was expected and what was found, in one line. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly line: number | undefined;
  /** The node or component it is about. */
  readonly subject: string | undefined;
  constructor(
    readonly code: NetworkErrorCode,
    message: string,
    { line, name }: NetworkErrorPlace = {},
  ) {
    const where = [line === undefined ? '' : `config line ${line}`, name === undefined ? '' : `'${name}'`];
    const prefix = where.filter(Boolean).join(', ');
    super(prefix ? `${prefix}: ${message}` : message);
    this.line = line;
    this.subject = name;
  }
}
