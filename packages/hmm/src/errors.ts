/** A topology, tree, transition model, lexicon or graph that does not hold together; one line says what and where. */
export class HmmError extends Error {
  override readonly name = 'HmmError';
  constructor(
    readonly code:
      | 'ERR_HMM_TOPOLOGY'
      | 'ERR_HMM_TREE'
      | 'ERR_HMM_MODEL'
      | 'ERR_HMM_LEXICON'
      | 'ERR_HMM_GRAPH'
      | 'ERR_HMM_ALIGNMENT',
    message: string,
  ) {
    super(message);
  }
}
