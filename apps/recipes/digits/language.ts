import {
  ContextTree,
  Language as WordsAndPhones,
  Lexicon,
  makeGraph,
  Topology,
  type TopologyEntry,
  TrainingGraphCompiler,
  TransitionModel,
  wordLoop,
} from '@jebena/hmm';
import type { Fst } from '@jebena/wfst';
import { digitWords } from './strings.js';

/** How the digits are said. With so few words each may have phones of its own, which no other word spoils. */
const pronunciations: Readonly<Record<string, string>> = {
  zero: 'z ih r ow',
  one: 'w ah n',
  two: 't uw',
  three: 'th r iy',
  four: 'f ao r',
  five: 'f ay v',
  six: 's ih k s',
  seven: 's eh v ah n',
  eight: 'ey t',
  nine: 'n ay n',
};

const silence = 'sil';
/** The silence word is there so that silence has a pronunciation; the grammar does not know it. */
const lexiconText = [
  `!sil ${silence}`,
  ...digitWords.map(
    (word) =>
      `${word} ${pronunciations[word]!.split(' ')
        .map((phone) => `${phone}_${word}`)
        .join(' ')}`,
  ),
].join('\n');

/** Three states in a row, each with a self-loop: what Kaldi's recipes use for phones. */
const leftToRight = (states: number): TopologyEntry => [
  ...Array.from({ length: states }, (_, i) => ({
    forwardPdfClass: i,
    selfLoopPdfClass: i,
    transitions: [
      { to: i, probability: 0.75 },
      { to: i + 1, probability: 0.25 },
    ],
  })),
  { forwardPdfClass: -1, selfLoopPdfClass: -1, transitions: [] },
];

/** Cross-entropy models are searched with weak self-loops, as Kaldi's recipes do. */
const selfLoopScale = 0.1;

/** Everything between pdfs and words: phones, states, the decoding graph and training graphs. */
export interface Language {
  readonly symbols: WordsAndPhones;
  readonly tree: ContextTree;
  readonly transitionModel: TransitionModel;
  /** HCLG of a loop over the ten digits. */
  readonly graph: Fst;
  readonly trainingGraph: (words: readonly string[]) => Fst;
}

/** The digits' language; the same every time. */
export function digitsLanguage(): Language {
  const symbols = new WordsAndPhones(Lexicon.parse(lexiconText), { silencePhones: [silence] });
  const topology = Topology.of([
    [symbols.silencePhones, leftToRight(3)],
    [symbols.nonsilencePhones, leftToRight(3)],
  ]);
  const tree = ContextTree.monophone(topology);
  const transitionModel = TransitionModel.create(tree, topology);
  const grammar = wordLoop(symbols.wordLabels(digitWords));
  const graph = makeGraph({ lexicon: symbols, grammar, transitionModel, tree, options: { selfLoopScale } });
  const compiler = new TrainingGraphCompiler({ lexicon: symbols, tree, transitionModel, options: { selfLoopScale } });
  return {
    symbols,
    tree,
    transitionModel,
    graph,
    trainingGraph: (words) => compiler.compile(symbols.wordLabels(words)),
  };
}
