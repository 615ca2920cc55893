import {
  type Wave,
  KaldiOutput,
  clippedSamples,
  cutSegments,
  memoryStorage,
  openTable,
  parseSegment,
  readTable,
  readWave,
  tableBytes,
  waveHeaderHolder,
  waveHolder,
  writeWaveTo,
} from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { describe, expect, test } from 'vitest';

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));

interface Layout {
  code: number;
  bits: number;
  channels?: number;
  little?: boolean;
  extensible?: boolean;
  streamed?: boolean;
  before?: number[];
}

/** A wave file around the given bytes of samples. */
function file(data: number[], { code, bits, channels = 1, little = true, extensible, streamed, before = [] }: Layout) {
  const number = (value: number, size: number): number[] => {
    const bytes = Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
    return little ? bytes : bytes.reverse();
  };
  const block = (channels * bits) / 8;
  const guid = [0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
  const extra = extensible ? [...number(22, 2), ...number(bits, 2), ...number(0, 4), ...number(code, 2), ...guid] : [];
  const format = [
    ...number(extensible ? 0xfffe : code, 2),
    ...number(channels, 2),
    ...number(8000, 4),
    ...number(8000 * block, 4),
    ...number(block, 2),
    ...number(bits, 2),
    ...extra,
  ];
  const size = streamed ? 0xffffffff : data.length;
  const body = [
    ...ascii('WAVE'),
    ...before,
    ...ascii('fmt '),
    ...number(format.length, 4),
    ...format,
    ...ascii('data'),
    ...number(size, 4),
    ...data,
  ];
  return Uint8Array.from([...ascii(little ? 'RIFF' : 'RIFX'), ...number(streamed ? size : body.length, 4), ...body]);
}

/** Half of full scale and its negative, in each coding. */
const codings: [string, Layout, number[]][] = [
  ['PCM of 8 bits', { code: 1, bits: 8 }, [192, 64]],
  ['PCM of 16 bits', { code: 1, bits: 16 }, [0, 0x40, 0, 0xc0]],
  ['PCM of 24 bits', { code: 1, bits: 24 }, [0, 0, 0x40, 0, 0, 0xc0]],
  ['PCM of 32 bits', { code: 1, bits: 32 }, [0, 0, 0, 0x40, 0, 0, 0, 0xc0]],
  ['float of 32 bits', { code: 3, bits: 32 }, [0, 0, 0, 0x3f, 0, 0, 0, 0xbf]],
  ['float of 64 bits', { code: 3, bits: 64 }, [0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0xbf]],
];

describe.each(codings)('%s', (_, layout, data) => {
  test('plain, extensible, streamed, big-endian, two channels', () => {
    const samples = (bytes: Uint8Array): number[][] => readWave(bytes).channels.map((c) => [...c]);
    const expected = [[16384, -16384]];
    expect(samples(file(data, layout))).toEqual(expected);
    expect(samples(file(data, { ...layout, extensible: true }))).toEqual(expected);
    expect(samples(file(data, { ...layout, streamed: true }))).toEqual(expected);
    expect(samples(file(data, { ...layout, channels: 2 }))).toEqual([[16384], [-16384]]);
    const width = layout.bits / 8;
    const swapped = data.map((__, i) => data[i - (i % width) + width - 1 - (i % width)]!);
    expect(samples(file(swapped, { ...layout, little: false }))).toEqual(expected);
  });
});

test('A-law and mu-law as ITU-T G.711 has them', () => {
  const read = (code: number, ...data: number[]): number[] => [...readWave(file(data, { code, bits: 8 })).channels[0]!];
  expect(read(7, 0, 1, 127, 128, 255)).toEqual([-32124, -31100, 0, 32124, 0]);
  expect(read(6, 0, 1, 0x2a, 0xaa, 0x55, 0xd5)).toEqual([-5504, -5248, -32256, 32256, -8, 8]);
});

test('chunks before the samples are passed, padded or not', () => {
  const list = [...ascii('LIST'), 3, 0, 0, 0, 1, 2, 3];
  for (const before of [list, [...list, 0], [...ascii('JUNK'), 0, 0, 0, 0]])
    expect([...readWave(file([1, 0], { code: 1, bits: 16, before })).channels[0]!]).toEqual([1]);
});

test('what is no sound wave is refused', () => {
  const whole = file([1, 0, 2, 0], { code: 1, bits: 16 });
  const fails = (bytes: Uint8Array, message: string): void =>
    expect(() => readWave(bytes, { path: 'x.wav' })).toThrow(message);
  fails(whole.subarray(0, 46), 'x.wav, byte 44: expected 4 bytes of samples, found 2 bytes before the end');
  fails(Uint8Array.from(ascii('OggS....')), 'x.wav, byte 0: expected RIFF or RIFX, found "OggS"');
  fails(
    file([1, 0], { code: 17, bits: 16 }),
    'expected PCM, float, A-law or mu-law samples, found format 17 of 16 bits',
  );
  fails(file([], { code: 1, bits: 16, streamed: true }), 'expected samples, found no data');
  fails(file([1, 0], { code: 1, bits: 16, channels: 0 }), 'expected a channel and a sample rate');
});

const wave: Wave = { sampleRate: 8000, channels: [Float32Array.of(1.9, -1.9, 40000, -40000), new Float32Array(4)] };

test('written as 16-bit PCM: cut towards zero, held within the range', async () => {
  const output = new KaldiOutput({ binary: true, mark: false });
  expect([writeWaveTo(output, wave), clippedSamples(wave)]).toEqual([2, 2]);
  const { channels } = readWave(output.bytes());
  expect(channels.map((c) => [...c])).toEqual([
    [1, -1, 32767, -32768],
    [0, 0, 0, 0],
  ]);
  const ark = await tableBytes(waveHolder, [
    ['a', wave],
    ['b', wave],
  ]);
  expect(new TextDecoder().decode(ark.subarray(0, 6))).toBe('a RIFF');
  expect((await collect(readTable(waveHolder, ark)))[1]![1].channels).toEqual(channels);
});

test('a header tells the length; that of a stream is counted', async () => {
  const files = new Map([
    ['a.wav', file([1, 0, 2, 0], { code: 1, bits: 16 })],
    ['b.wav', file([1, 0, 2, 0], { code: 1, bits: 16, streamed: true })],
    ['wav.scp', new TextEncoder().encode('a a.wav\nb b.wav\n')],
  ]);
  const headers = await collect(readTable(waveHeaderHolder, 'scp:wav.scp', { storage: memoryStorage(files) }));
  expect(headers.map(([, header]) => header.samples)).toEqual([2, 2]);
});

test('segments are cut out of their recordings', async () => {
  const long: Wave = { sampleRate: 100, channels: [Float32Array.from({ length: 200 }, (_, i) => i)] };
  const two: Wave = { sampleRate: 100, channels: [...long.channels, long.channels[0]!.map((v) => -v)] };
  const ark = await tableBytes(waveHolder, [
    ['one', long],
    ['two', two],
  ]);
  const lines = ['s1 one 0.5 0.704', 's2 one 1.5 -1', 's3 two 0 0.2 1', 's4 one 1.9 2.2', ''];
  const bytes = (text: string[]): Uint8Array => new TextEncoder().encode(text.join('\n'));
  const cut = await collect(cutSegments(openTable(waveHolder, ark), bytes(lines)));
  const span = cut.map(([id, { channels }]) => [id, channels.length, channels[0]![0], channels[0]!.length]);
  expect(span).toEqual([
    ['s1', 1, 50, 20],
    ['s2', 1, 150, 50],
    ['s3', 1, 0, 20],
    ['s4', 1, 190, 10],
  ]);
  const faulty = [
    'a one 0.5 0.55',
    'b none 0 1',
    'c one 3 4',
    'd one 0 2.6',
    'e two 0 1',
    'f two 0 1 2',
    'g one 1',
    '',
  ];
  const skipped: string[] = [];
  const onSkip = (error: Error): void => void skipped.push(error.message);
  expect(await collect(cutSegments(openTable(waveHolder, ark), bytes(faulty), { onSkip }))).toEqual([]);
  expect(skipped.map((message) => message.slice(0, 10))).toEqual(
    faulty.slice(0, -1).map((__, i) => `segments:${i + 1}`),
  );
  await expect(collect(cutSegments(openTable(waveHolder, ark), bytes(faulty)))).rejects.toThrow('shorter than 0.1 s');
  expect(() => parseSegment('a b 2 1', 'segments', 7)).toThrow('segments:7: expected SEGMENT RECORDING START END');
});
