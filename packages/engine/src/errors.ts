/**
 * What an engine refuses. `code` says which kind: `ERR_ENGINE_SHAPE` (operands do not fit), `ERR_ENGINE_DISPOSED`
 * (a tensor is used after it was freed), `ERR_ENGINE_UNAVAILABLE` (this engine does not run here).
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly code: 'ERR_ENGINE_SHAPE' | 'ERR_ENGINE_DISPOSED' | 'ERR_ENGINE_UNAVAILABLE',
    message: string,
  ) {
    super(message);
  }
}
