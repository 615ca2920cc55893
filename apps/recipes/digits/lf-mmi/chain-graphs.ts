import {
  DenominatorGraph,
  denominatorFst,
  normalizationFst,
  normalizeSupervision,
  PhoneLanguageModel,
  trainingGraphToPdfs,
} from '@jebena/chain';
import { Random } from '@jebena/features';
import type { Fst } from '@jebena/wfst';
import type { Language } from '../language.js';
import { digitWords } from '../strings.js';

/** What LF-MMI compares: all that can be said, and what was said. */
export interface ChainGraphs {
  readonly denominator: DenominatorGraph;
  /** All ways to say some words, as an acceptor over pdf + 1 that costs what it costs in the denominator. */
  readonly numerator: (words: readonly string[]) => Fst;
}

/** How many strings the phone language model counts, how long they are, and how often silence stands between digits. */
const sample = { strings: 3000, longest: 7, silence: 0.8 } as const;

/**
 * The graphs of any digits in any order: the phone language model counts strings that are drawn, not those of the
 * training data, so that it knows no order of digits.
 */
export function chainGraphs({ symbols, tree, transitionModel, trainingGraph }: Language): ChainGraphs {
  const random = new Random(1);
  const silence = (): number[] => (random.uniform() < sample.silence ? [symbols.optionalSilence] : []);
  const digit = (): number[] => {
    const { phones } = symbols.lexicon.pronunciations(random.pick(digitWords))[0]!;
    return [...phones.map((phone) => symbols.phones.label(phone)), ...silence()];
  };
  const phones = new PhoneLanguageModel();
  for (let n = 0; n < sample.strings; n++)
    phones.add([...silence(), ...Array.from({ length: random.integer(1, sample.longest) }, digit).flat()]);
  const fst = denominatorFst(tree, transitionModel, phones.estimate());
  const normalization = normalizationFst(fst);
  const { numPdfs } = transitionModel;
  const made = new Map<string, Fst>();
  const make = (words: readonly string[]): Fst => {
    const e2eFsts = [trainingGraphToPdfs(trainingGraph(words), transitionModel)];
    const supervision = { weight: 1, numSequences: 1, framesPerSequence: 1, labelDim: numPdfs, e2eFsts };
    const normalized = normalizeSupervision(normalization, supervision);
    if (!normalized) throw new Error(`numerator: the denominator has no way to say '${words.join(' ')}'`);
    return normalized.e2eFsts![0]!;
  };
  return {
    denominator: new DenominatorGraph(fst, numPdfs),
    numerator: (words) => {
      const key = words.join(' ');
      const known = made.get(key) ?? make(words);
      made.set(key, known);
      return known;
    },
  };
}
