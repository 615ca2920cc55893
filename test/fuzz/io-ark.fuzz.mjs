import * as io from '@jebena/io-ark';

const text = (content) => new TextEncoder().encode(content);
const m = io.matrix(
  12,
  3,
  Float32Array.from({ length: 36 }, (_, i) => Math.sin(i)),
);
const sparse = io.sparseMatrix([
  { dim: 9, indexes: Int32Array.of(0, 7), values: Float32Array.of(1, 0.5) },
  { dim: 9, indexes: Int32Array.of(3), values: Float32Array.of(2) },
]);
const posterior = [
  [
    [3, 0.25],
    [4, 0.75],
  ],
  [],
  [[5, 1]],
];
const wave = { sampleRate: 8000, channels: [Float32Array.from({ length: 40 }, (_, i) => 100 * i)] };
const htk = { feats: m, samplePeriod: 100000, parameterKind: 6 };

/** A holder, values for it, whether it also has a text form. */
const tables = [
  ['matrix', io.matrixHolder, [m, { rows: 0, cols: 0, data: new Float32Array(0) }], true],
  ['double matrix', io.doubleMatrixHolder, [{ ...m, data: Float64Array.from(m.data) }], true],
  ['any matrix', io.anyMatrixHolder, [m, { ...m, data: Float64Array.from(m.data) }], true],
  ['general matrix', io.generalMatrixHolder, [m, sparse, ...io.compressionMethods.map((c) => io.compress(m, c))], true],
  ['vector', io.vectorHolder, [m.data, new Float32Array(0)], true],
  ['double vector', io.doubleVectorHolder, [Float64Array.from(m.data)], true],
  ['int', io.int32Holder, [1, -7, 2147483647], true],
  ['float', io.floatHolder, [1.5, -1e-30], true],
  ['double', io.doubleHolder, [1.5, -1e-300], true],
  ['bool', io.boolHolder, [true, false], true],
  ['int vector', io.int32VectorHolder, [[1, 2, 3, -4], []], true],
  ['int vectors', io.int32VectorVectorHolder, [[[1, 2], [], [3]], []], true],
  [
    'int pairs',
    io.int32PairVectorHolder,
    [
      [
        [1, 2],
        [3, 4],
      ],
      [],
    ],
    true,
  ],
  [
    'float pairs',
    io.floatPairVectorHolder,
    [
      [
        [1, 2.5],
        [3, 4],
      ],
      [],
    ],
    true,
  ],
  ['posterior', io.posteriorHolder, [posterior, []], true],
  ['Gaussian posterior', io.gaussPosteriorHolder, [[[[1, m.data]], []]], true],
  ['token', io.tokenHolder, ['a', 'word'], false],
  ['tokens', io.tokenVectorHolder, [['a', 'b'], []], false],
  ['wave', io.waveHolder, [wave], false],
  ['HTK', io.htkHolder, [htk], false],
  ['Sphinx', io.sphinxHolder(3), [m], false],
];

/** An error of an archive says file, key and byte; the key itself may be what is torn. */
const placed = (error) =>
  error instanceof io.KaldiIoError &&
  error.path === 'x.ark' &&
  Number.isInteger(error.offset) &&
  (error.key !== undefined || error.expected.startsWith('a value after the key'));

/** Bytes in chunks of a few, so that values are torn between them. */
function* chunks(bytes) {
  for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
}

async function drain(items) {
  for await (const item of items) if (item === undefined) throw new Error('an item that is none');
}

const archives = tables.map(async ([name, holder, values, hasText]) => {
  const items = values.map((value, i) => [`key${i}`, value]);
  const samples = [await io.tableBytes(holder, items)];
  if (hasText) samples.push(await io.tableBytes(holder, items, { binary: false }));
  let turn = 0;
  const read = (bytes) => drain(io.readTable(holder, turn++ % 2 ? bytes : chunks(bytes), { path: 'x.ark' }));
  return { name: `${name} archive`, samples, read, typed: placed };
});

const gzip = async (bytes) => io.readAll(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip')));

const archive = await io.tableBytes(io.matrixHolder, [
  ['a', m],
  ['b', m],
]);
const npz = (compress) =>
  io.npzBytes(
    [
      ['a', io.matrixToNumpy(m)],
      ['b', { shape: [2], data: Float64Array.of(1, 2) }],
    ],
    { compress },
  );

const model = (binary) => {
  const output = new io.KaldiOutput({ binary });
  output.writeToken('<Nnet3>');
  output.writeInt32(3);
  output.writeFloat(0.5);
  output.writeBool(true);
  output.writeInt64(7n);
  output.writeInt32Vector([1, 2, 3]);
  return output.bytes();
};

export default [
  ...(await Promise.all(archives)),
  {
    name: 'packed archive',
    samples: [await gzip(archive)],
    read: (bytes) => drain(io.readTable(io.matrixHolder, bytes)),
  },
  { name: 'wave file', samples: waveFiles(), read: (bytes) => io.readWave(bytes, { path: 'x.wav' }) },
  {
    name: 'script',
    samples: [text('a x.ark:2\nb x.ark:2[0:2]\nc x.ark:2[0:2,1:1]\n')],
    read: (bytes) => {
      const files = new Map([
        ['x.scp', bytes],
        ['x.ark', archive],
      ]);
      return drain(io.readTable(io.matrixHolder, 'scp:x.scp', { storage: io.memoryStorage(files) }));
    },
  },
  {
    name: 'random access',
    samples: [archive],
    read: async (bytes) => {
      const files = new Map([
        ['x.scp', text('a x.ark:2\nb x.ark:163\n')],
        ['x.ark', bytes],
      ]);
      const table = io.openTable(io.matrixHolder, 'scp:x.scp', { storage: io.memoryStorage(files) });
      await table.get('b');
      await table.get('a');
    },
  },
  {
    name: 'specifier',
    samples: ['ark,s,cs:feats.ark', 'scp,p:-', 'ark,scp,t:a,b', 'x.ark:123[0:3,2:4]', 'gunzip -c x.gz|'].map(text),
    read: (bytes) => {
      const specifier = new TextDecoder().decode(bytes);
      for (const parse of [io.parseReadSpecifier, io.parseWriteSpecifier, io.parseLocation])
        try {
          parse(specifier);
        } catch (error) {
          if (!(error instanceof io.KaldiIoError)) throw error;
        }
    },
  },
  {
    name: 'npy',
    samples: [io.matrixToNumpy(m), { shape: [3], data: Int32Array.of(1, 2, 3) }].map(io.writeNpy),
    read: (bytes) => io.readNpy(bytes, { path: 'x.npy' }),
  },
  {
    name: 'npz',
    samples: [await npz(false), await npz(true)],
    // Deflate may stand for a thousand times its size.
    memory: 2000,
    read: (bytes) => [...io.readNpz(bytes, { path: 'x.npz' })],
  },
  {
    name: 'manifest',
    samples: [
      '{"audio": "a.wav", "text": "one", "speaker": "s", "duration": 1.5}\n{"audio": "b.wav", "text": "x"}\n',
      '{"id":"r","sources":[{"type":"file","source":"a.wav"}],"duration":1}\n{"id":"u","recording_id":"r","start":0,"duration":0.5}',
      'audio,text\na.wav,"one, two"\nb.wav,three\n',
    ].map(text),
    read: (bytes) => io.makeDataDir(io.parseManifest(new TextDecoder().decode(bytes), 'x.jsonl')),
  },
  {
    name: 'data directory',
    samples: ['a-1 a\na-2 a\nb-1 b\n', 'a-1 r 0 1\na-2 r 1 2\nb-1 s 0 1.5\n'].map(text),
    read: (bytes) => {
      const content = new TextDecoder().decode(bytes);
      const dir = new Map([
        ['utt2spk', 'a-1 a\na-2 a\nb-1 b\n'],
        ['spk2utt', 'a a-1 a-2\nb b-1\n'],
        ['wav.scp', 'r r.wav\ns s.wav\n'],
      ]);
      for (const name of ['utt2spk', 'spk2utt', 'segments', 'text', 'utt2dur']) {
        const changed = new Map(dir).set(name, content);
        io.validateDataDir(changed);
        try {
          io.fixDataDir(changed);
        } catch (error) {
          if (!(error instanceof io.KaldiIoError)) throw error;
        }
      }
    },
  },
  {
    name: 'segments',
    samples: [text('seg rec 0.5 1.5 1'), text('seg rec 0 -1')],
    read: (bytes) => io.parseSegment(new TextDecoder().decode(bytes)),
  },
  {
    name: 'model tokens',
    samples: [model(true), model(false)],
    read: (bytes) => {
      const input = new io.KaldiInput(bytes, { path: 'x.raw' });
      input.expectToken('<Nnet3>');
      return [input.readInt32(), input.readFloat(), input.readBool(), input.readInt64(), input.readInt32Vector()];
    },
  },
];

/** One of each kind of wave: PCM of 8 to 32 bits, floats, A-law, mu-law, extensible, two channels, streamed. */
function waveFiles() {
  const kinds = [
    [1, 8],
    [1, 16],
    [1, 24],
    [1, 32],
    [3, 32],
    [3, 64],
    [6, 8],
    [7, 8],
  ];
  const all = kinds.flatMap(([code, bits]) => [1, 2].map((channels) => waveFile(code, bits, channels)));
  return [...all, waveFile(1, 16, 1, { extensible: true }), waveFile(1, 16, 1, { streamed: true })];
}

export function waveFile(code, bits, channels, { extensible = false, streamed = false, samples = 8 } = {}) {
  const formatBytes = extensible ? 40 : 16;
  const block = (bits / 8) * channels;
  const bytes = new Uint8Array(28 + formatBytes + block * samples);
  const view = new DataView(bytes.buffer);
  const tag = (at, name) => bytes.set(text(name), at);
  tag(0, 'RIFF');
  view.setUint32(4, streamed ? 0xffffffff : bytes.length - 8, true);
  tag(8, 'WAVEfmt ');
  view.setUint32(16, formatBytes, true);
  view.setUint16(20, extensible ? 0xfffe : code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000 * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, bits, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(44, code, true);
    bytes.set([0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113], 46);
  }
  tag(20 + formatBytes, 'data');
  view.setUint32(24 + formatBytes, streamed ? 0xffffffff : block * samples, true);
  return bytes;
}
