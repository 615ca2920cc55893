import {
  chainTopology,
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

/** How the digits are said, for cross-entropy. With so few words each has phones of its own, which no other word spoils. */
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
/**
 * LF-MMI's digits have so many units of their own each, whatever their sounds: of words with fewer than others, short
 * ones, a model makes what it does not know.
 */
const unitsOfDigit = 5;

/** Units that a digit is made of: its phones, or simply its first, second, ... part. */
function unitsOf(word: string, objective: Objective): string[] {
  if (objective === 'lf-mmi') return Array.from({ length: unitsOfDigit }, (_, i) => `${word}${i + 1}`);
  // The place, too: nine begins and ends with n.
  return pronunciations[word]!.split(' ').map((phone, i) => `${phone}${i + 1}_${word}`);
}

/** The silence word is there so that silence has a pronunciation; the grammar does not know it. */
const lexiconText = (objective: Objective): string =>
  [`!sil ${silence}`, ...digitWords.map((word) => `${word} ${unitsOf(word, objective).join(' ')}`)].join('\n');

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

/** What a network is trained with: lattice-free MMI, or cross-entropy on alignments. */
export type Objective = 'lf-mmi' | 'ce';

/** What depends on it: the phones' states, and how the network's outputs are searched. */
interface ModelKind {
  readonly topology: (silences: readonly number[], others: readonly number[]) => Topology;
  /** Weight of the network's outputs against the graph's costs. */
  readonly acousticScale: number;
  /** Weight of the self-loops' costs. */
  readonly selfLoopScale: number;
  /** Frames of features for each output. */
  readonly frameSubsamplingFactor: number;
}

/** As Kaldi's recipes have them: neither scale is tuned. */
const kinds: Readonly<Record<Objective, ModelKind>> = {
  'lf-mmi': {
    topology: (silences, others) => chainTopology([...silences, ...others]),
    acousticScale: 1,
    selfLoopScale: 1,
    frameSubsamplingFactor: 3,
  },
  ce: {
    topology: (silences, others) =>
      Topology.of([
        [silences, leftToRight(3)],
        [others, leftToRight(3)],
      ]),
    acousticScale: 0.1,
    selfLoopScale: 0.1,
    frameSubsamplingFactor: 1,
  },
};

/** Everything between pdfs and words: phones, states, the decoding graph and training graphs. */
export interface Language {
  readonly objective: Objective;
  readonly symbols: WordsAndPhones;
  readonly tree: ContextTree;
  readonly transitionModel: TransitionModel;
  /** HCLG of a loop over the ten digits. */
  readonly graph: Fst;
  readonly acousticScale: number;
  readonly frameSubsamplingFactor: number;
  /** All ways to say some words. For LF-MMI it costs nothing to go on or to stay: the denominator says what that costs. */
  readonly trainingGraph: (words: readonly string[]) => Fst;
}

/** The digits' language; the same every time. */
export function digitsLanguage(objective: Objective): Language {
  const { acousticScale, selfLoopScale, frameSubsamplingFactor, ...kind } = kinds[objective];
  const symbols = new WordsAndPhones(Lexicon.parse(lexiconText(objective)), { silencePhones: [silence] });
  const topology = kind.topology(symbols.silencePhones, symbols.nonsilencePhones);
  const tree = ContextTree.monophone(topology);
  const transitionModel = TransitionModel.create(tree, topology);
  const grammar = wordLoop(symbols.wordLabels(digitWords));
  const graph = makeGraph({ lexicon: symbols, grammar, transitionModel, tree, options: { selfLoopScale } });
  const scales = objective === 'lf-mmi' ? { transitionScale: 0, selfLoopScale: 0 } : { selfLoopScale };
  const compiler = new TrainingGraphCompiler({ lexicon: symbols, tree, transitionModel, options: scales });
  return {
    objective,
    symbols,
    tree,
    transitionModel,
    graph,
    acousticScale,
    frameSubsamplingFactor,
    trainingGraph: (words) => compiler.compile(symbols.wordLabels(words)),
  };
}
