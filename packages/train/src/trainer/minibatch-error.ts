/** A minibatch does not fit the network or the objective: the message says which, what was expected and what was found. */
export class MinibatchError extends Error {
  readonly code = 'ERR_MINIBATCH';
  override readonly name = 'MinibatchError';
}

/** Does something with a minibatch; what is wrong with it is told with its name. */
export function withMinibatch<T>(key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = error instanceof RangeError || (error instanceof Error && 'code' in error);
    if (!known || error instanceof MinibatchError) throw error;
    throw new MinibatchError(`minibatch '${key}': ${error.message}`, { cause: error });
  }
}
