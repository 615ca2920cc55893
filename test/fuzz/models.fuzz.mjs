import {
  chainMinibatch,
  encodeShard,
  nnetChainExampleHolder,
  nnetExampleHolder,
  Shard,
  toNnetExample,
} from '@jebena/egs';
import { AcousticModel, networkFromXconfig, readNetworkFile } from '@jebena/graph';
import { chainTopology, ContextTree, hmmTopology, Language, Lexicon, Topology, TransitionModel } from '@jebena/hmm';
import { KaldiInput, KaldiOutput, matrix, readTable, tableBytes } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { parseFst } from '@jebena/wfst';

const forms = [true, false];
const written = (value) =>
  forms.map((binary) => {
    const output = new KaldiOutput({ binary });
    value.write(output);
    return output.bytes();
  });
const object = (name, type, value) => ({
  name,
  samples: written(value),
  read: (bytes) => type.read(new KaldiInput(bytes, { path: 'x' })),
});
const table = async (name, holder, value, then = () => {}) => ({
  name,
  typed: (error) => String(error.code).startsWith('ERR_') || error instanceof RangeError,
  samples: await Promise.all(forms.map((binary) => tableBytes(holder, [['a', value]], { binary }))),
  read: async (bytes) => {
    for (const [, read] of await collect(readTable(holder, [bytes], { path: 'x.ark' }))) then(read);
  },
});

const language = new Language(Lexicon.parse('yes Y EH S\nno N OW\n'), { silencePhones: ['SIL'] });
const topology = hmmTopology(language);
const tree = ContextTree.monophone(topology);
const transitions = TransitionModel.create(tree, topology);
const layers = [
  'relu-batchnorm-dropout-layer name=tdnn dim=4 input=Append(-1,0,1)',
  'fast-lstmp-layer name=lstm cell-dim=4 recurrent-projection-dim=2 non-recurrent-projection-dim=2 delay=-1',
  'tdnnf-layer name=tdnnf dim=4 bottleneck-dim=2 time-stride=1',
  'conv-relu-batchnorm-layer name=cnn height-in=2 height-out=2 time-offsets=-1,0 height-offsets=0 num-filters-out=2',
  'gru-layer name=gru cell-dim=4 delay=-1',
];
const networks = layers.map((layer) =>
  networkFromXconfig(`input name=input dim=4\n${layer}\noutput-layer name=output dim=${transitions.numPdfs}`, {
    seed: 1,
  }),
);
const io = { name: 'input', first: 0, count: 6, stride: 1 };
const targets = {
  kind: 'posterior',
  dim: 4,
  rowStart: Int32Array.of(0, 1, 2),
  labels: Int32Array.of(1, 3),
  weights: Float32Array.of(1, 1),
};
const example = {
  key: 'a',
  inputs: [
    {
      ...io,
      start: 0,
      source: matrix(
        6,
        2,
        Float32Array.from({ length: 12 }, (_, i) => i / 3),
      ),
    },
  ],
  outputs: [{ name: 'output', first: 2, count: 2, stride: 1, targets }],
};
const nnetExample = toNnetExample(example);
const chainExample = {
  inputs: nnetExample.io.slice(0, 1),
  outputs: [
    {
      name: 'output',
      indexes: nnetExample.io[1].indexes,
      supervision: {
        weight: 1,
        numSequences: 1,
        framesPerSequence: 2,
        labelDim: 4,
        fst: parseFst('0 1 1 1 0.5\n1 2 2 2\n2\n'),
      },
      derivWeights: Float32Array.of(1, 0.5),
    },
  ],
};

export default [
  object('topology', Topology, chainTopology([1, 2, 3])),
  object('tree', ContextTree, tree),
  object('transition model', TransitionModel, transitions),
  {
    name: 'network',
    samples: networks.flatMap((network) => forms.map((binary) => network.toBytes({ binary }))),
    read: (bytes) => readNetworkFile(bytes, 'x.raw').toBytes(),
  },
  object(
    'acoustic model',
    AcousticModel,
    new AcousticModel(transitions, networks[0], new Float32Array(transitions.numPdfs).fill(0.1)),
  ),
  await table('examples', nnetExampleHolder, nnetExample),
  await table('chain examples', nnetChainExampleHolder, chainExample, (read) => chainMinibatch('a', read)),
  {
    name: 'shard of examples',
    samples: ['none', 'automatic'].map((compression) =>
      encodeShard([example, { ...example, key: 'b' }], { compression }),
    ),
    read: (bytes) => {
      const shard = new Shard(bytes, 'x.shard');
      for (let i = 0; i < shard.length; i++) shard.example(i);
    },
  },
];
