import { KaldiIoError } from '../errors.js';
import { type DataDir, fieldsOf, keyOf, keysOf, linesOf, sortedByKey, textOf, toSpk2utt } from './lines.js';

export interface FixedDataDir {
  /** The files, those that did not change among them. */
  readonly files: Map<string, string>;
  /** What was changed, a sentence each. */
  readonly changes: readonly string[];
}

const byUtterance = ['feats.scp', 'text', 'segments', 'utt2lang'];
const alsoByUtterance = ['utt2spk', 'utt2uniq', 'vad.scp', 'utt2dur', 'utt2num_frames'];
const byRecording = ['wav.scp', 'reco2file_and_channel', 'reco2dur'];
const bySpeaker = ['cmvn.scp', 'spk2gender', 'spk2warp'];
const allFiles = [...byUtterance, ...alsoByUtterance, ...byRecording, ...bySpeaker, 'utt2warp'];

/**
 * Sorts the files of a data directory and keeps what all of them have, as Kaldi's utils/fix_data_dir.sh does: only
 * utterances with features, audio, text and segment (as far as those files are there), only their recordings and speakers.
 *
 * @throws KaldiIoError when utt2spk is missing, when no utterance is left, or when sorting by utterance does not also
 *   sort by speaker
 */
export function fixDataDir(dir: DataDir): FixedDataDir {
  const fail = (name: string, expected: string, found: string): never => {
    throw new KaldiIoError(expected, found, { path: name });
  };
  if (!dir.has('utt2spk')) return fail('utt2spk', 'a file', 'no such file');
  const changes: string[] = [];
  const files = new Map(dir);
  for (const name of allFiles) {
    const text = dir.get(name);
    if (text === undefined) continue;
    const lines = sortedByKey(linesOf(text).map((line) => line.replace(/\r$/, '')));
    if (textOf(lines) !== text) changes.push(`${name}: sorted, and kept the first of lines with one key`);
    files.set(name, textOf(lines));
  }
  const filter = (name: string, keys: ReadonlySet<string>, key: (line: string) => string = keyOf): void => {
    const lines = linesOf(files.get(name) ?? '');
    const kept = lines.filter((line) => keys.has(key(line)));
    if (kept.length === lines.length) return;
    changes.push(`${name}: kept ${kept.length} lines of ${lines.length}`);
    files.set(name, textOf(kept));
  };
  const has = (name: string): boolean => files.has(name);
  const keys = (name: string): Set<string> => new Set(keysOf(files.get(name)!));
  const recordingOf = (line: string): string => fieldsOf(line)[1] ?? '';
  const filterRecordings = (): void => {
    if (!has('segments')) return;
    if (!has('wav.scp')) fail('wav.scp', 'a file beside segments', 'no such file');
    const known = keys('wav.scp');
    const used = new Set(linesOf(files.get('segments')!).map(recordingOf));
    const both = new Set([...used].filter((recording) => known.has(recording)));
    filter('segments', both, recordingOf);
    for (const name of byRecording) if (has(name)) filter(name, both);
  };
  filterRecordings();
  const perUtterance = has('segments') ? [] : byRecording.filter(has);
  let kept = keys('utt2spk');
  const all = kept.size;
  const limiting = [...byUtterance.filter(has), ...(has('segments') || !has('wav.scp') ? [] : ['wav.scp'])];
  for (const name of limiting) kept = intersection(kept, keys(name));
  for (const name of ['utt2dur', 'utt2num_frames'].filter(has))
    kept = intersection(kept, new Set(linesOf(files.get(name)!).filter(positive).map(keyOf)));
  if (kept.size === 0) return fail('utt2spk', 'utterances that all files have', 'none');
  changes.push(kept.size === all ? `kept all ${all} utterances` : `kept ${kept.size} utterances of ${all}`);
  for (const name of [...byUtterance, ...alsoByUtterance, 'utt2warp', ...perUtterance])
    if (has(name)) filter(name, kept);
  filterRecordings();
  const spk2utt = toSpk2utt(files.get('utt2spk')!);
  const order = keysOf(spk2utt);
  if (textOf(sortedByKey(order)) !== textOf(order))
    fail('utt2spk', 'speakers in order too (make them prefixes of their utterances)', 'another order');
  files.set('spk2utt', spk2utt);
  for (const name of bySpeaker) if (has(name)) filter(name, new Set(order));
  return { files, changes };
}

const intersection = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> =>
  new Set([...a].filter((key) => b.has(key)));

const positive = (line: string): boolean => {
  const fields = fieldsOf(line);
  return fields.length === 2 && Number(fields[1]) > 0;
};
