import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixDataDir, makeDataDir, parseManifest, toUtt2spk, validateDataDir } from '@jebena/io-ark';
import * as node from '@jebena/io-ark/node';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jebena-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sound = (): Map<string, string> =>
  new Map([
    ['utt2spk', 'a-1 a\na-2 a\nb-1 b\n'],
    ['spk2utt', 'a a-1 a-2\nb b-1\n'],
    ['text', 'a-1 one\na-2 two\nb-1 three\n'],
    ['wav.scp', 'a-1 1.wav\na-2 2.wav\nb-1 3.wav\n'],
    ['feats.scp', 'a-1 f.ark:4\na-2 f.ark:90\nb-1 f.ark:200\n'],
    ['cmvn.scp', 'a c.ark:2\nb c.ark:80\n'],
    ['spk2gender', 'a m\nb f\n'],
    ['utt2dur', 'a-1 1.5\na-2 2\nb-1 0.7\n'],
    ['utt2num_frames', 'a-1 148\na-2 198\nb-1 68\n'],
  ]);

test('a sound directory has no problems', () => {
  expect(validateDataDir(sound())).toEqual([]);
  const segments = sound();
  segments.set('segments', 'a-1 r 0 1.5\na-2 r 1.5 3.5\nb-1 s 0 0.7\n');
  segments.set('wav.scp', 'r r.wav\ns s.wav\n');
  segments.set('reco2file_and_channel', 'r r A\ns s B\n');
  expect(validateDataDir(segments)).toEqual([]);
});

test.each([
  ['utt2spk', undefined, 'utt2spk: no such file'],
  ['spk2utt', '', 'spk2utt: empty'],
  ['utt2spk', 'a-1 a\na-2\nb-1 b\n', "utt2spk:2: expected UTTERANCE SPEAKER, found 'a-2'"],
  ['utt2spk', 'a-2 a\na-1 a\nb-1 b\n', "utt2spk:2: not sorted: 'a-1' after 'a-2'"],
  ['utt2spk', 'a-1 b\na-2 a\nb-1 b\n', 'utt2spk:2: not sorted by speaker too'],
  ['spk2utt', 'a a-1\nb b-1\n', 'spk2utt and utt2spk do not match'],
  ['text', undefined, 'text: no such file (if this is by design, say --no-text)'],
  ['feats.scp', undefined, 'feats.scp: no such file (if this is by design, say --no-feats)'],
  ['wav.scp', undefined, 'wav.scp: no such file (if this is by design, say --no-wav)'],
  ['text', 'a-1 one\na-2 two\nb-1 three', 'text: the last line has no newline'],
  ['text', 'a-1 one\na-1 two\nb-1 three\n', "text:2: 'a-1' comes twice"],
  ['text', 'a-1 one\na-2 <s> two\nb-1 three\n', 'text:2: the symbol <s>'],
  ['text', 'a-1 one\r\na-2 two\nb-1 three\n', 'text:1: a carriage return'],
  ['text', 'a-1 one\u00a0x\na-2 two\nb-1 three\n', 'text:1: white space other than spaces and tabs'],
  ['text', 'a-1 one\u0007\na-2 two\nb-1 three\n', 'text:1: a character that cannot be printed'],
  ['text', 'a-1 one\nb-1 three\n', 'text: lacks keys of utt2spk: 1 (a-2)'],
  ['wav.scp', 'a-1 1.wav\na-2 2.wav\nb-1 3.wav\nc-1 4.wav\n', 'wav.scp: has keys that utt2spk lacks: 1 (c-1)'],
  ['wav.scp', 'a-1 ~/1.wav\na-2 2.wav\nb-1 3.wav\n', 'wav.scp:1: a tilde'],
  ['segments', 'a-1 r 0 1.5\na-2 r 2 1\nb-1 s 0 0.7\n', 'segments:2: expected SEGMENT RECORDING START END'],
  ['cmvn.scp', 'a c.ark:2\n', 'cmvn.scp: lacks keys of spk2utt: 1 (b)'],
  ['spk2gender', 'a m\nb x\n', 'spk2gender:2: expected SPEAKER m or f'],
  ['spk2warp', 'a 1\nb 1.6\n', 'spk2warp:2: expected SPEAKER and a factor'],
  ['utt2dur', 'a-1 1.5\na-2 0\nb-1 0.7\n', 'utt2dur:2: expected UTTERANCE and seconds above 0'],
  ['utt2num_frames', 'a-1 1.5\na-2 1\nb-1 7\n', 'utt2num_frames:1: expected UTTERANCE and a count above 0'],
  ['reco2dur', 'a-1 1\n', 'reco2dur: lacks keys of utt2spk: 2 (a-2 b-1)'],
])('a fault in %s is found', (name, content, expected) => {
  const dir = sound();
  if (content === undefined) dir.delete(name);
  else dir.set(name, content);
  expect(validateDataDir(dir).some((problem) => problem.startsWith(expected))).toBe(true);
});

test('options leave out what need not be there', () => {
  const dir = new Map([...sound()].filter(([name]) => name.endsWith('2spk') || name === 'spk2utt'));
  expect(validateDataDir(dir, { noText: true, noFeats: true, noWav: true })).toEqual([]);
});

test('fixing sorts, filters and derives', () => {
  const dir = sound();
  dir.set('utt2spk', 'b-1 b\na-2 a\na-1 a\nc-1 c\n');
  dir.delete('spk2utt');
  dir.set('feats.scp', 'b-1 f.ark:200\na-1 f.ark:4\na-1 f.ark:4\n');
  dir.set('utt2dur', 'a-1 1.5\na-2 2\nb-1 0\n');
  const { files, changes } = fixDataDir(dir);
  expect(changes).toContain('kept 1 utterances of 4');
  expect(files.get('spk2utt')).toBe('a a-1\n');
  expect(files.get('cmvn.scp')).toBe('a c.ark:2\n');
  expect(validateDataDir(files)).toEqual([]);
  expect(toUtt2spk(files.get('spk2utt')!)).toBe(files.get('utt2spk'));
});

test('fixing keeps recordings and segments in step', () => {
  const dir = sound();
  dir.set('segments', 'a-1 r 0 1.5\na-2 r 1.5 3.5\nb-1 s 0 0.7\n');
  dir.set('wav.scp', 'r r.wav\nt t.wav\n');
  const { files } = fixDataDir(dir);
  expect([files.get('wav.scp'), files.get('text')]).toEqual(['r r.wav\n', 'a-1 one\na-2 two\n']);
  expect(validateDataDir(files)).toEqual([]);
  dir.set('text', 'nobody x\n');
  expect(() => fixDataDir(dir)).toThrow('expected utterances that all files have, found none');
});

test('manifests of many makers become the same directory', () => {
  const expected = new Map([
    ['utt2spk', 'ann-1 ann\nbob-2 bob\n'],
    ['spk2utt', 'ann ann-1\nbob bob-2\n'],
    ['wav.scp', 'ann-1 x/1.wav\nbob-2 x/2.wav\n'],
    ['text', 'ann-1 hello there\nbob-2 good, "day"\n'],
  ]);
  const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
  const huggingFace = lines(
    { audio: { path: 'x/1.wav' }, sentence: 'hello there', client_id: 'ann' },
    { audio: 'x/2.wav', text: 'good, "day"', speaker_id: 'bob' },
  );
  const csv = 'file_name,speaker,text\nx/1.wav,ann,hello there\nx/2.wav,bob,"good, ""day"""\n';
  for (const manifest of [huggingFace, csv]) expect(makeDataDir(parseManifest(manifest))).toEqual(expected);
  const source = (path: string): object[] => [{ type: 'file', channels: [0], source: path }];
  const lhotse = lines(
    { id: 'r1', sources: source('x/1.wav'), sampling_rate: 8000, num_samples: 8000, duration: 1 },
    { id: 'r2', sources: source('x/2.wav'), sampling_rate: 8000, num_samples: 16000, duration: 2 },
    { id: '1', recording_id: 'r1', start: 0, duration: 1, channel: 0, text: 'hello there', speaker: 'ann' },
    { id: '2', recording_id: 'r2', start: 0, duration: 2, channel: 0, text: 'good, "day"', speaker: 'bob' },
  );
  const withDurations = new Map([...expected, ['utt2dur', 'ann-1 1\nbob-2 2\n']]);
  expect(makeDataDir(parseManifest(lhotse))).toEqual(withDurations);
  const cut = lines({
    id: 'c',
    start: 0.5,
    duration: 1,
    recording: { id: 'r', sources: source('x/r.wav'), duration: 9 },
    supervisions: [{ id: 's', start: 0.25, duration: 0.5, channel: 0, text: 'yes', speaker: 'cy' }],
    type: 'MonoCut',
  });
  const dir = makeDataDir(parseManifest(cut));
  expect([dir.get('segments'), dir.get('wav.scp')]).toEqual(['cy-s r 0.75 1.25\n', 'r x/r.wav\n']);
});

test('a manifest that does not hold says where', () => {
  expect(() => parseManifest('{"audio": "a.wav"}\n{"text": 1}', 'm.jsonl')).toThrow(
    'm.jsonl:2: expected the path of an audio file, found none',
  );
  expect(() => parseManifest('{"audio": }', 'm.jsonl')).toThrow('m.jsonl:1: expected a JSON object');
  expect(() => parseManifest('audio,text\na.wav\n', 'm.csv')).toThrow('m.csv:2: expected 2 fields, found 1');
  const twice = '{"audio":"a.wav","id":"a"}\n{"audio":"b.wav","id":"a"}';
  expect(() => makeDataDir(parseManifest(twice, 'm'))).toThrow("m:2: expected a name of its own for 'a'");
});

test('on disk: made of a folder, broken, fixed', async () => {
  const at = (...parts: string[]): string => join(folder, ...parts);
  mkdirSync(at('wavs'));
  for (const name of ['1', '2']) writeFileSync(at('wavs', `${name}.wav`), '');
  writeFileSync(at('wavs', 'metadata.csv'), 'file_name;speaker;text\n1.wav;ann;hello\n2.wav;bob;bye\n');
  await node.makeDataDir([at('wavs')], at('data'));
  expect(await node.validateDataDir(at('data'), { noFeats: true })).toEqual([]);
  expect(readFileSync(at('data', 'wav.scp'), 'utf8')).toBe(`ann-1 ${at('wavs/1.wav')}\nbob-2 ${at('wavs/2.wav')}\n`);
  writeFileSync(at('data', 'text'), 'bob-2 bye\n');
  expect(await node.validateDataDir(at('data'), { noFeats: true })).toHaveLength(1);
  await node.fixDataDir(at('data'));
  expect(await node.validateDataDir(at('data'), { noFeats: true })).toEqual([]);
  expect(readFileSync(at('data', '.backup', 'utt2spk'), 'utf8')).toBe('ann-1 ann\nbob-2 bob\n');
  expect(existsSync(at('data', 'feats.scp'))).toBe(false);
  writeFileSync(at('bad.jsonl'), '{"audio":"nowhere.wav"}\n');
  await expect(node.makeDataDir([at('bad.jsonl')], at('none'))).rejects.toThrow('bad.jsonl:1: expected an audio file');
  expect(existsSync(at('none'))).toBe(false);
});
