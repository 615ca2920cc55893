/** A grammar, language model or text that cannot be used; one line says what and where. */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
  constructor(
    readonly code: 'ERR_GRAMMAR_ARPA' | 'ERR_GRAMMAR_JSGF' | 'ERR_GRAMMAR_WORD' | 'ERR_GRAMMAR_ESTIMATE',
    message: string,
  ) {
    super(message);
  }
}
