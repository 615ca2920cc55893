import { type OptionValues, bool, defineOptions, resolveOptions } from '@jebena/options';
import { compareKeys } from '../random-access-table.js';
import { type DataDir, fieldsOf, keyOf, keysOf, linesOf, toUtt2spk } from './lines.js';

export const validateOptions = defineOptions({
  noFeats: bool(false, 'Do not require feats.scp (it is checked if it is there)'),
  noText: bool(false, 'Do not require text'),
  noWav: bool(false, 'Do not require wav.scp'),
  noSpkSort: bool(false, 'Do not require utt2spk to be sorted by speaker too'),
  nonPrint: bool(false, 'Allow characters in text that cannot be printed'),
});
export type ValidateOptions = OptionValues<typeof validateOptions>;

/**
 * Checks a data directory as Kaldi's utils/validate_data_dir.sh does, and tells all that is wrong, not the first thing.
 *
 * @returns one sentence a problem; none when all is well
 */
export function validateDataDir(dir: DataDir, given: Partial<ValidateOptions> = {}): string[] {
  const options = resolveOptions(validateOptions, given);
  const missing = ['utt2spk', 'spk2utt'].filter((name) => !dir.get(name));
  if (missing.length > 0) return missing.map((name) => `${name}: ${dir.has(name) ? 'empty' : 'no such file'}`);
  const optional: readonly [name: string, skip: boolean][] = [
    ['text', options.noText],
    ['wav.scp', options.noWav || dir.has('segments')],
    ['feats.scp', options.noFeats],
  ];
  const problems = optional
    .filter(([name, skip]) => !skip && !dir.has(name))
    .map(([name]) => `${name}: no such file (if this is by design, say --no-${name.replace('.scp', '')})`);
  for (const [name, text] of dir) if (knownFiles.has(name)) problems.push(...sorted(name, text));
  problems.push(...speakers(dir, options));
  if (dir.has('text') && !options.noText) problems.push(...transcripts(dir.get('text')!, options));
  problems.push(...recordings(dir));
  problems.push(...sameKeys(dir), ...values(dir));
  return problems;
}

/** Which list of keys each file must have: that of utt2spk, of spk2utt, or of the recordings. */
const keysLike: Record<string, 'utterances' | 'speakers' | 'recordings'> = {
  text: 'utterances',
  'feats.scp': 'utterances',
  'vad.scp': 'utterances',
  utt2lang: 'utterances',
  utt2uniq: 'utterances',
  utt2warp: 'utterances',
  utt2dur: 'utterances',
  utt2num_frames: 'utterances',
  segments: 'utterances',
  'cmvn.scp': 'speakers',
  spk2gender: 'speakers',
  spk2warp: 'speakers',
  'wav.scp': 'recordings',
  reco2dur: 'recordings',
  reco2file_and_channel: 'recordings',
};
const knownFiles = new Set([...Object.keys(keysLike), 'utt2spk', 'spk2utt']);

function sorted(name: string, text: string): string[] {
  const problems: string[] = [];
  if (text !== '' && !text.endsWith('\n')) problems.push(`${name}: the last line has no newline`);
  const keys = keysOf(text);
  for (let i = 1; i < keys.length; i++) {
    const order = compareKeys(keys[i - 1]!, keys[i]!);
    if (order === 0) problems.push(`${name}:${i + 1}: '${keys[i]}' comes twice`);
    else if (order > 0) problems.push(`${name}:${i + 1}: not sorted: '${keys[i]}' after '${keys[i - 1]}'`);
    else continue;
    break;
  }
  return problems;
}

function speakers(dir: DataDir, { noSpkSort }: ValidateOptions): string[] {
  const lines = linesOf(dir.get('utt2spk')!);
  const wrong = lines.findIndex((line) => fieldsOf(line).length !== 2);
  if (wrong >= 0) return [`utt2spk:${wrong + 1}: expected UTTERANCE SPEAKER, found '${lines[wrong]}'`];
  const problems: string[] = [];
  const pairs = lines.map((line) => fieldsOf(line) as [string, string]);
  const at = pairs.findIndex(([, speaker], i) => i > 0 && compareKeys(pairs[i - 1]![1], speaker) > 0);
  if (!noSpkSort && at > 0)
    problems.push(`utt2spk:${at + 1}: not sorted by speaker too (make speakers prefixes of their utterances)`);
  const flat = (text: string): string =>
    linesOf(text)
      .map((line) => fieldsOf(line).join(' '))
      .join('\n');
  if (flat(dir.get('utt2spk')!) !== flat(toUtt2spk(dir.get('spk2utt')!)))
    problems.push('spk2utt and utt2spk do not match');
  return problems;
}

function transcripts(text: string, { nonPrint }: ValidateOptions): string[] {
  const problems: string[] = [];
  for (const [i, line] of linesOf(text).entries()) {
    const at = `text:${i + 1}`;
    if (line.includes('\r')) problems.push(`${at}: a carriage return`);
    else if (/[^\S \t]/.test(line)) problems.push(`${at}: white space other than spaces and tabs`);
    else if (!nonPrint && /[^\P{C}\t]/u.test(line)) problems.push(`${at}: a character that cannot be printed`);
    const illegal = fieldsOf(line).find((word) => word === '<s>' || word === '</s>' || word === '#0');
    if (illegal) problems.push(`${at}: the symbol ${illegal}, which graphs keep for themselves`);
  }
  return problems;
}

function recordings(dir: DataDir): string[] {
  const problems: string[] = [];
  const wav = dir.get('wav.scp');
  if (dir.has('segments') && wav === undefined) problems.push('segments is there but wav.scp is not');
  for (const [i, line] of linesOf(wav ?? '').entries()) {
    if (fieldsOf(line).length < 2) problems.push(`wav.scp:${i + 1}: expected KEY FILE, found '${line}'`);
    if (/^\S+\s+~/.test(line)) problems.push(`wav.scp:${i + 1}: a tilde, which nothing expands`);
  }
  return problems;
}

function sameKeys(dir: DataDir): string[] {
  const problems: string[] = [];
  const segments = dir.get('segments');
  const utterances = keysOf(dir.get('utt2spk')!);
  const recordings =
    segments === undefined
      ? utterances
      : [...new Set(linesOf(segments).map((line) => fieldsOf(line)[1] ?? ''))].sort(compareKeys);
  const lists = { utterances, speakers: keysOf(dir.get('spk2utt')!), recordings };
  const from = {
    utterances: 'utt2spk',
    speakers: 'spk2utt',
    recordings: segments === undefined ? 'utt2spk' : 'segments',
  };
  for (const [name, like] of Object.entries(keysLike)) {
    const text = dir.get(name);
    if (text === undefined) continue;
    const found = new Set(keysOf(text));
    const wanted = new Set(lists[like]);
    const lacking = lists[like].filter((key) => !found.has(key));
    const extra = [...found].filter((key) => !wanted.has(key));
    const some = (keys: string[]): string =>
      `${keys.length} (${keys.slice(0, 3).join(' ')}${keys.length > 3 ? ' ...' : ''})`;
    if (lacking.length > 0) problems.push(`${name}: lacks keys of ${from[like]}: ${some(lacking)}`);
    if (extra.length > 0) problems.push(`${name}: has keys that ${from[like]} lacks: ${some(extra)}`);
  }
  return problems;
}

type Check = (fields: string[]) => boolean;
const two =
  (check: (value: string) => boolean): Check =>
  (fields) =>
    fields.length === 2 && check(fields[1]!);
const warp = two((value) => Number(value) > 0.5 && Number(value) < 1.5);
const duration = two((value) => Number(value) > 0);
const checks: Record<string, readonly [Check, string]> = {
  segments: [
    ([, , start, end, ...more]) => more.length === 0 && Number(end) > Number(start),
    'SEGMENT RECORDING START END',
  ],
  spk2gender: [two((value) => value === 'm' || value === 'f'), 'SPEAKER m or f'],
  spk2warp: [warp, 'SPEAKER and a factor from 0.5 to 1.5'],
  utt2warp: [warp, 'UTTERANCE and a factor from 0.5 to 1.5'],
  utt2dur: [duration, 'UTTERANCE and seconds above 0'],
  reco2dur: [duration, 'RECORDING and seconds above 0'],
  utt2num_frames: [
    two((value) => Number(value) > 0 && Number.isInteger(Number(value))),
    'UTTERANCE and a count above 0',
  ],
  reco2file_and_channel: [
    (fields) => fields.length === 3 && ['A', 'B', '1'].includes(fields[2]!),
    'RECORDING FILE and channel A or B',
  ],
};

function values(dir: DataDir): string[] {
  return Object.entries(checks).flatMap(([name, [check, expected]]) => {
    const lines = linesOf(dir.get(name) ?? '');
    const wrong = lines.findIndex((line) => keyOf(line) === '' || !check(fieldsOf(line)));
    return wrong < 0 ? [] : [`${name}:${wrong + 1}: expected ${expected}, found '${lines[wrong]}'`];
  });
}
