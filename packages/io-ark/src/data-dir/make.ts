import { KaldiIoError } from '../errors.js';
import { sortedByKey, textOf, toSpk2utt } from './lines.js';
import type { ManifestEntry } from './manifest.js';

export interface MakeOptions {
  /** Turns a manifest's path into what wav.scp shall say; by default it says the path. */
  readonly locate?: (entry: ManifestEntry) => string;
}

const token = (text: string): string => text.trim().replace(/[^\p{L}\p{N}_.-]+/gu, '_');
const baseName = (path: string): string => token(path.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, ''));

/**
 * Makes the files of a Kaldi data directory from a manifest: wav.scp, utt2spk, spk2utt, and text, segments, utt2dur,
 * utt2lang and spk2gender where the manifest tells what they hold. Utterances get their speaker as prefix, so that
 * sorting by the one sorts by the other; without a speaker each utterance is its own.
 *
 * @throws KaldiIoError naming the entry that clashes with another or lacks what the others have
 */
export function makeDataDir(
  entries: readonly ManifestEntry[],
  { locate = (e) => e.audio }: MakeOptions = {},
): Map<string, string> {
  if (entries.length === 0) throw new KaldiIoError('utterances', 'none', { path: 'manifest' });
  const segmented = entries.some((entry) => entry.start !== undefined);
  const utterances = new Map<string, { entry: ManifestEntry; speaker: string; recording: string }>();
  const recordings = new Map<string, string>();
  for (const entry of entries) {
    const fail = (expected: string, found: string): never => {
      throw new KaldiIoError(expected, found, { path: entry.place });
    };
    const own = token(entry.id ?? baseName(entry.audio));
    const speaker = entry.speaker === undefined ? own : token(entry.speaker);
    const id = own.startsWith(speaker) ? own : `${speaker}-${own}`;
    const before = utterances.get(id);
    if (before) fail(`a name of its own for '${id}'`, `the one of ${before.entry.place}`);
    // Kaldi's segments name no channel: each channel but the first is a recording of its own.
    const channel = entry.channel ? `-c${entry.channel}` : '';
    const recording = segmented ? token(entry.recording ?? baseName(entry.audio)) + channel : id;
    const where = locate(entry);
    if ((recordings.get(recording) ?? where) !== where)
      fail(`one file for recording '${recording}'`, `${recordings.get(recording)} and ${where}`);
    recordings.set(recording, where);
    if (segmented && entry.duration === undefined) fail('a duration or an end, as there are segments', 'none');
    utterances.set(id, { entry, speaker, recording });
  }
  const files = new Map<string, string>();
  const write = (name: string, lines: Iterable<string>): void => void files.set(name, textOf(sortedByKey([...lines])));
  const all = Array.from(utterances, ([id, value]) => ({ id, ...value }));
  write(
    'utt2spk',
    all.map(({ id, speaker }) => `${id} ${speaker}`),
  );
  files.set('spk2utt', toSpk2utt(files.get('utt2spk')!));
  write(
    'wav.scp',
    Array.from(recordings, ([recording, where]) => `${recording} ${where}`),
  );
  const told = <T>(what: keyof ManifestEntry, get: (entry: ManifestEntry) => T | undefined): boolean => {
    const lacking = all.filter(({ entry }) => get(entry) === undefined);
    if (lacking.length > 0 && lacking.length < all.length && what === 'text')
      throw new KaldiIoError('a text, as others have', 'none', { path: lacking[0]!.entry.place });
    return lacking.length === 0;
  };
  if (told('text', (e) => e.text))
    write(
      'text',
      all.map(({ id, entry }) => `${id} ${entry.text!.trim().replace(/\s+/g, ' ')}`.trim()),
    );
  if (told('duration', (e) => e.duration))
    write(
      'utt2dur',
      all.map(({ id, entry }) => `${id} ${seconds(entry.duration!)}`),
    );
  if (told('language', (e) => e.language))
    write(
      'utt2lang',
      all.map(({ id, entry }) => `${id} ${token(entry.language!)}`),
    );
  if (told('gender', (e) => (e.gender === 'm' || e.gender === 'f' ? e.gender : undefined)))
    write(
      'spk2gender',
      all.map(({ speaker, entry }) => `${speaker} ${entry.gender}`),
    );
  if (segmented)
    write(
      'segments',
      all.map(({ id, recording, entry: { start = 0, duration } }) =>
        [id, recording, seconds(start), seconds(start + duration!)].join(' '),
      ),
    );
  return files;
}

/** To the tenth of a millisecond, as plain as it can be. */
const seconds = (time: number): string => String(Math.round(time * 10000) / 10000);
