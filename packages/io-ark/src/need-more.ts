/**
 * Thrown by a {@link KaldiInput} made with `more: true` when it reaches the end of the bytes it has: whoever feeds it
 * reads on until it has `bytes` in all and starts the value again. So one synchronous reader serves files in memory,
 * streams and ranged readers.
 */
export class NeedMore extends Error {
  override readonly name = 'NeedMore';
  constructor(readonly bytes: number) {
    super('more bytes are needed');
  }
}
