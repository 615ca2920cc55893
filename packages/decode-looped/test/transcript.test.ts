import { type FinalEvent, Pcm16, Transcript } from '@jebena/decode-looped';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const event: FinalEvent = {
  type: 'final',
  text: 'one <two>',
  words: [
    { word: 'one', begin: 3661.5, end: 3661.98, confidence: 0.9996 },
    { word: '<two>', begin: 3662, end: 3662.25, confidence: 0.5 },
  ],
  begin: 3661,
  end: 3663,
  rule: 2,
};

test.each([
  ['text', 'one <two>\n'],
  [
    'json',
    '{"key":"a b","text":"one <two>","begin":3661,"end":3663,"words":[{"word":"one","begin":3661.5,"end":3661.98,' +
      '"confidence":1},{"word":"<two>","begin":3662,"end":3662.25,"confidence":0.5}]}\n',
  ],
  ['ctm', 'a_b 1 3661.50 0.48 one 1.00\na_b 1 3662.00 0.25 <two> 0.50\n'],
  ['srt', '1\n01:01:01,500 --> 01:01:02,250\none <two>\n\n'],
  ['vtt', 'WEBVTT\n\n01:01:01.500 --> 01:01:02.250\none &lt;two&gt;\n\n'],
] as const)('%s', (format, written) => {
  const transcript = new Transcript(format, 'a b');
  expect(transcript.head() + transcript.add(event)).toBe(written);
  expect(transcript.add({ ...event, text: '', words: [] })).toBe('');
});

test('long segments make several captions, in order, with all words', () => {
  const words = Array.from({ length: 60 }, (_, i) => ({ word: `word${i}`, begin: i / 2, end: i / 2 + 0.4 }));
  const text = new Transcript('srt', 'a').add({ ...event, words });
  const captions = text.trim().split('\n\n');
  expect(captions.map((c) => c.split('\n')[0])).toEqual(captions.map((_, i) => String(i + 1)));
  expect(captions.map((c) => c.split('\n')[2]).join(' ')).toBe(words.map((w) => w.word).join(' '));
  for (const c of captions) expect(c.split('\n')[2]!.length).toBeLessThanOrEqual(84);
});

test('raw samples are the same wherever their bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -32768, max: 32767 })), fc.array(fc.nat(7)), (values, cuts) => {
      const bytes = new Uint8Array(Int16Array.from(values).buffer);
      const pcm = new Pcm16();
      const samples: number[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        samples.push(...pcm.push(bytes.subarray(at, at + cut)));
        at = Math.min(bytes.length, at + cut);
      }
      expect(samples).toEqual(values);
    }),
  );
});
