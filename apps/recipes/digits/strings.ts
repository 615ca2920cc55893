/** A connected-digit utterance as the lists describe it: gaps of quiet noise and recordings, in turn. */
export interface DigitString {
  readonly id: string;
  readonly speaker: string;
  readonly noiseSeed: number;
  /** A number is a gap in samples, a text the name of a recording's file. */
  readonly pieces: readonly (number | string)[];
  readonly words: readonly string[];
}

export const digitWords: readonly string[] = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
];

/** A list of strings that is not what it should be: says which line, what was expected and what was found. */
export class StringListError extends Error {
  readonly code = 'ERR_STRING_LIST';
  override readonly name = 'StringListError';
}

/**
 * Reads a list: one string a line, `utt-id TAB speaker TAB noise-seed TAB gap,file,gap,...,gap TAB transcript`.
 *
 * @throws StringListError with the path and the line
 */
export function parseStrings(list: string, path: string): DigitString[] {
  const seen = new Set<string>();
  return list
    .split(/\r?\n/)
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      const fail = (expected: string, found: string): never => {
        throw new StringListError(`${path}, line ${number}: expected ${expected}, found ${found}`);
      };
      const fields = line.split('\t');
      if (fields.length !== 5) fail('5 fields separated by tabs', String(fields.length));
      const [id, speaker, seed, pieces, transcript] = fields as [string, string, string, string, string];
      if (seen.has(id)) fail('an utterance id that is new', `'${id}' again`);
      seen.add(id);
      if (!/^\d+$/.test(seed)) fail('a noise seed', `'${seed}'`);
      const words = transcript.trim().split(/\s+/);
      for (const word of words) if (!digitWords.includes(word)) fail('the words zero to nine', `'${word}'`);
      const checked = pieces.split(',').map((p) => (/^\d+$/.test(p) ? Number(p) : p));
      const files = checked.filter((p) => typeof p === 'string').length;
      if (files !== words.length) fail('as many recordings as words', `${files} and ${words.length}`);
      return {
        id,
        speaker,
        noiseSeed: Number(seed),
        pieces: checked,
        words,
      };
    });
}

/**
 * `count` samples of quiet noise in -4 ... 4, and the state to go on from:
 * state = (state * 1103515245 + 12345) mod 2^31, sample = ((state >> 16) mod 9) - 4.
 */
export function quietNoise(count: number, state: number): { samples: Float32Array; state: number } {
  const samples = new Float32Array(count);
  let s = state;
  for (let i = 0; i < count; i++) {
    // A plain product would need more bits than a double has.
    s = (Math.imul(s, 1103515245) + 12345) & 0x7fffffff;
    samples[i] = ((s >> 16) % 9) - 4;
  }
  return { samples, state: s };
}

/** The samples of a whole string; `recording` gives those of one file. */
export function renderString(string: DigitString, recording: (file: string) => Float32Array): Float32Array {
  let state = string.noiseSeed;
  const parts = string.pieces.map((piece) => {
    if (typeof piece === 'string') return recording(piece);
    const noise = quietNoise(piece, state);
    state = noise.state;
    return noise.samples;
  });
  const samples = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}
