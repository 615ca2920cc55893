import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { KaldiIoError } from '../errors.js';
import type { ByteSink } from '../storage.js';

/** Writes to a Node stream and waits where it wants to be waited for. */
export function streamSink(stream: Writable, name: string, { end = true } = {}): ByteSink & { close(): Promise<void> } {
  let broken: Error | undefined;
  stream.on('error', (error: Error) => (broken ??= error));
  const check = (): void => {
    if (broken) throw new KaldiIoError('to write', broken.message, { path: name }, { cause: broken });
  };
  return {
    write: async (bytes) => {
      check();
      // The writer uses its bytes again, and the stream may not have passed them on yet.
      if (!stream.write(Buffer.from(bytes))) await once(stream, 'drain').catch(() => undefined);
      check();
    },
    close: async () => {
      if (end) {
        stream.end();
        if (!stream.writableFinished && !broken) await once(stream, 'finish').catch(() => undefined);
      } else await new Promise((resolve) => stream.write('', resolve));
      check();
    },
    abort: () => void (end && stream.destroy()),
  };
}
