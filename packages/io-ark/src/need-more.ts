/**
 * Thrown by a {@link KaldiInput} made with `more: true` when it reaches the end of the bytes it has: whoever feeds it
 * reads on until it has `bytes` in all and starts the value again. So one synchronous reader serves files in memory,
 * streams and ranged readers.
 */
export class NeedMore {
  // Not an Error: it is caught where it is of use, and writing down the stack would cost more than reading a short value.
  constructor(readonly bytes: number) {}
}
