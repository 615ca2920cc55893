import type { Item } from '@jebena/stream';
import type { ByteSource } from './byte-source.js';
import { ByteStream, readAll } from './byte-stream.js';
import { KaldiIoError } from './errors.js';
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

/**
 * A whole script file by key, for random access: several times as fast as line by line.
 *
 * @throws KaldiIoError for an empty line, one without a value, or a key that comes twice
 */
export async function readScriptMap(source: ByteSource, path?: string): Promise<Map<string, string>> {
  const text = new TextDecoder().decode(await readAll(gunzip(source, path)));
  const script = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end).trim();
    const space = line.search(/\s/);
    if (space < 0) {
      // Offsets count bytes, which the text's places are only where it is plain ASCII.
      const offset = new TextEncoder().encode(text.slice(0, at)).length;
      throw new KaldiIoError('a key and a file name', JSON.stringify(line), { path, offset });
    }
    const key = line.slice(0, space);
    if (script.has(key)) throw new KaldiIoError('each key once', 'it twice', { path, key });
    script.set(key, line.slice(space + 1).trimStart());
    at = end + 1;
  }
  return script;
}
