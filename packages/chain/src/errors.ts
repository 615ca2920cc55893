/** What is wrong: with a graph, a supervision, or a phone language model. */
export type ChainErrorCode = 'ERR_CHAIN_GRAPH' | 'ERR_CHAIN_SUPERVISION' | 'ERR_CHAIN_LANGUAGE_MODEL';

/** A graph or supervision that LF-MMI cannot use. */
export class ChainError extends Error {
  override readonly name = 'ChainError';
  constructor(
    readonly code: ChainErrorCode,
    message: string,
  ) {
    super(message);
  }
}
