import * as hmm from '@jebena/hmm';
import { readTable, tableBytes } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import * as wfst from '@jebena/wfst';

const text = (content) => new TextEncoder().encode(content);
const lines = '0 1 3 3 0.5\n0 2 2 2\n1 2 1 1 1.25\n2 0.25\n1 3 4 4\n3\n';
const fst = wfst.parseFst(lines);
const symbols = new wfst.SymbolTable(
  'words',
  ['<eps>', 'one', 'two', 'three', '<s>', '</s>'].map((symbol, label) => [symbol, label]),
);
const builder = new wfst.CompactLatticeBuilder();
builder.ensureStates(3);
builder.setStart(0);
builder.addArc(0, { label: 5, graphCost: 1, acousticCost: -2.5, transitionIds: [4, 5, 5], nextState: 1 });
builder.addArc(1, { label: 0, graphCost: 0.5, acousticCost: 0, transitionIds: [], nextState: 2 });
builder.setFinal(2, 0.25, -1, [9]);
const compact = builder.build();
const plain = wfst.latticeOf(compact);
const model = hmm.estimateNgrams(
  [
    [1, 2, 3],
    [1, 2],
    [3, 3],
  ],
  { bos: 4, eos: 5, order: 3 },
);
const packed = hmm.ConstArpa.of(model);

/** Archives of both forms, each with two values. */
const archives = async (holder, value) =>
  Promise.all(
    [true, false].map((binary) =>
      tableBytes(
        holder,
        [
          ['a', value],
          ['b', value],
        ],
        { binary },
      ),
    ),
  );
const table = async (name, holder, value) => ({
  name,
  samples: await archives(holder, value),
  read: (bytes) => collect(readTable(holder, [bytes], { path: 'x.ark' })),
});

export default [
  {
    name: 'transducer',
    samples: [
      ...['vector', 'const', 'compact_acceptor'].map((type) => wfst.writeFst(fst, { type })),
      wfst.writeFst(fst.with({ inputSymbols: symbols, outputSymbols: symbols, semiring: 'log' })),
      text(lines),
    ],
    read: (bytes) => wfst.readFst(bytes, { path: 'x.fst' }),
  },
  {
    name: 'symbol table',
    samples: [wfst.writeSymbols(symbols), text(wfst.formatSymbols(symbols))],
    read: (bytes) => wfst.readSymbols(bytes, { path: 'words.txt' }),
  },
  await table('table of transducers', wfst.fstHolder, fst),
  await table('table of lattices', wfst.latticeHolder, plain),
  await table('table of compact lattices', wfst.compactLatticeHolder, compact),
  {
    name: 'ARPA file',
    samples: [text(hmm.formatArpa(model, symbols))],
    read: (bytes) => hmm.readArpa(bytes, { symbols }, { path: 'lm.arpa' }),
  },
  {
    name: 'const-arpa file',
    samples: [packed.bytes()],
    read: (bytes) => hmm.ConstArpa.read(bytes, { path: 'lm.carpa' }).logProb(2, [4, 1]),
  },
  {
    name: 'JSGF',
    samples: [text('#JSGF V1.0;\npublic <x> = /2/ one {tag} [two] | /1/ (<y> "three")+ ;\n<y> = two one* | <NULL>;\n')],
    read: (bytes) => hmm.parseJsgf(new TextDecoder().decode(bytes)),
  },
];
