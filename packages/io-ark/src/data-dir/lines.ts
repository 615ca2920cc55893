import { compareKeys } from '../random-access-table.js';

/** The files of a data directory by name (`wav.scp`, `text`, `utt2spk`, ...), each as its text. */
export type DataDir = ReadonlyMap<string, string>;

/** The lines of a file, without their newlines. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The fields of a line. */
export const fieldsOf = (line: string): string[] => line.split(/[ \t\r\f\v]+/).filter(Boolean);

/** The first field of a line. */
export const keyOf = (line: string): string => /[^ \t\r\f\v]+/.exec(line)?.[0] ?? '';

/** The first field of each line. */
export const keysOf = (text: string): string[] => linesOf(text).map(keyOf);

/** Lines as a file holds them. */
export const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Sorts lines by their keys, in Kaldi's order of bytes, and keeps the first of those with one key. */
export function sortedByKey(lines: readonly string[]): string[] {
  const sorted = [...lines].filter((line) => keyOf(line) !== '').sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  return sorted.filter((line, i) => i === 0 || keyOf(line) !== keyOf(sorted[i - 1]!));
}

/** From `utterance speaker` lines to `speaker utterance utterance ...` lines, in the order in which they come. */
export function toSpk2utt(utt2spk: string): string {
  const speakers = new Map<string, string[]>();
  for (const line of linesOf(utt2spk)) {
    const [utterance, speaker] = fieldsOf(line) as [string, string];
    if (!speakers.get(speaker)?.push(utterance)) speakers.set(speaker, [utterance]);
  }
  return textOf(Array.from(speakers, ([speaker, utterances]) => [speaker, ...utterances].join(' ')));
}

/** From `speaker utterance utterance ...` lines to `utterance speaker` lines. */
export const toUtt2spk = (spk2utt: string): string =>
  textOf(
    linesOf(spk2utt).flatMap((line) => {
      const [speaker, ...utterances] = fieldsOf(line);
      return utterances.map((utterance) => `${utterance} ${speaker}`);
    }),
  );
