import type { Item } from '@jebena/stream';
import type { ByteSource } from './byte-source.js';
import { ByteStream } from './byte-stream.js';
import { gunzip } from './gzip.js';
import type { KaldiInput } from './kaldi-input.js';

/**
 * The lines of a script file: a key, and what follows it. Also reads other files of that form (text, utt2spk).
 *
 * @throws KaldiIoError for an empty line or one without a value
 */
export async function* readScript(source: ByteSource, path?: string): AsyncGenerator<Item<string>> {
  const stream = new ByteStream(gunzip(source, path), path);
  const read = (input: KaldiInput): Item<string> | undefined => {
    if (input.atEnd) return undefined;
    const start = input.offset;
    if (input.bytes[start] === 0) input.fail('a script file of text lines');
    const line = input.readLine().trim();
    const match = /^(\S+)\s+(.+)$/.exec(line);
    if (!match) return input.fail('a key and a file name', line === '' ? 'an empty line' : JSON.stringify(line), start);
    return [match[1]!, match[2]!];
  };
  try {
    for (;;) {
      let item = stream.parse(read, undefined, false);
      if (item instanceof Promise) item = await item;
      if (!item) return;
      yield item;
    }
  } finally {
    await stream.close();
  }
}
