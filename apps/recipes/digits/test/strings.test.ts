import { readFileSync } from 'node:fs';
import { readWave } from '@jebena/io-ark';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../../test/support/shared.js';
import { parseStrings, quietNoise, renderString } from '../strings.js';

testShared('rendered strings are those that Kaldi was given, sample for sample', () => {
  const list = parseStrings(readFileSync(shared('fsdd/test.tsv'), 'utf8'), 'test.tsv');
  const recording = (file: string): Float32Array =>
    readWave(readFileSync(shared('fsdd/recordings', file))).channels[0]!;
  for (const id of ['george-t0000', 'jackson-t0003', 'theo-t0007']) {
    const expected = readWave(readFileSync(shared('golden/decode/online/wav', `${id}.wav`))).channels[0]!;
    expect(
      renderString(
        list.find((s) => s.id === id)!,
        recording,
      ),
    ).toEqual(expected);
  }
});

test('the noise generator does not lose bits', () => {
  // Made with Python's integers: state = (state * 1103515245 + 12345) % 2**31; ((state >> 16) % 9) - 4
  expect([...quietNoise(8, 1000).samples]).toEqual([4, 1, -4, 2, 3, -4, -1, -1]);
});

test.each([
  ['a\tb\t1\t5,x.wav,5', 'list, line 1: expected 5 fields separated by tabs, found 4'],
  [
    'a\tb\t1\t5,x.wav,5\tone\na\tb\t1\t5,x.wav,5\tone',
    "list, line 2: expected an utterance id that is new, found 'a' again",
  ],
  ['a\tb\tx\t5,x.wav,5\tone', "list, line 1: expected a noise seed, found 'x'"],
  ['a\tb\t1\t5,x.wav,5\tten', "list, line 1: expected the words zero to nine, found 'ten'"],
])('a bad list is refused with its line: %j', (list, message) => {
  expect(() => parseStrings(list, 'list')).toThrow(message);
});
