import { readFileSync } from 'node:fs';
import {
  addDisambig,
  addTransitionProbs,
  alignmentToPhoneRuns,
  alignmentToWords,
  ContextTree,
  equalAlign,
  Language,
  Lexicon,
  lexiconFst,
  makeGraph,
  makeLG,
  TrainingGraphCompiler,
  TransitionModel,
  wordLoop,
} from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { arcSort, type Fst, formatSymbols, readFst, readFstFrom } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { difference } from './support/isomorphic.js';
import { pathCost, randomPath } from './support/path-costs.js';

const golden = (name: string): Uint8Array => readFileSync(shared('golden', name));
const text = (name: string): string => readFileSync(shared('golden', name), 'utf8');
const fst = (name: string): Fst => readFst(golden(name), { path: name });
const digits = (): Language => new Language(Lexicon.parse(text('hmm/lexicon.txt')), { silencePhones: ['SIL'] });
const tree = (name: string): ContextTree => ContextTree.read(new KaldiInput(golden(name)));
const model = (name: string): TransitionModel => TransitionModel.read(new KaldiInput(golden(name)));

/** A binary archive of transducers. */
function readFstTable(name: string): Map<string, Fst> {
  const bytes = golden(name);
  const table = new Map<string, Fst>();
  for (let offset = 0; offset < bytes.length;) {
    const space = bytes.indexOf(32, offset);
    const input = new KaldiInput(bytes, {}, true);
    input.offset = space + 1;
    table.set(new TextDecoder().decode(bytes.subarray(offset, space)), readFstFrom(input));
    offset = input.offset;
  }
  return table;
}

describe('what mkgraph.sh makes', () => {
  testShared('symbols', () => {
    const language = digits();
    expect(formatSymbols(language.words, ' ')).toBe(text('hmm/words.txt'));
    expect(formatSymbols(language.phones, ' ')).toBe(text('hmm/phones.txt'));
    expect(language.disambig.join('\n')).toBe(text('hmm/disambig.int').trim());
  });

  testShared.each([
    ['L.fst', false],
    ['L_disambig.fst', true],
  ])('%s', (name, disambig) => {
    expect(
      difference(arcSort(lexiconFst(digits(), { disambig }), { by: 'olabel' }), fst(`hmm/${name}`)),
    ).toBeUndefined();
  });

  testShared('G and LG', () => {
    const language = digits();
    const words = language.wordLabels('zero one two three four five six seven eight nine'.split(' '));
    const grammar = wordLoop(words);
    expect(difference(grammar, fst('hmm/G.fst'))).toBeUndefined();
    expect(difference(makeLG(lexiconFst(language, { disambig: true }), grammar), fst('hmm/LG.fst'))).toBeUndefined();
  });

  testShared.each([
    ['hmm/tri.HCLG.fst', 'hmm/tri.tree', 'hmm/tri.mdl', 0.1],
    ['decode/HCLG.fst', 'chain/tree', 'decode/final.mdl', 1],
  ])('%s, state by state', (name, treeName, modelName, selfLoopScale) => {
    const made = makeGraph({
      lexicon: digits(),
      grammar: fst('hmm/G.fst'),
      transitionModel: model(modelName),
      tree: tree(treeName),
      options: { selfLoopScale },
    });
    expect(difference(made, fst(name))).toBeUndefined();
  });
});

describe('training graphs', () => {
  testShared('weigh every path as those of compile-train-graphs do', () => {
    const language = digits();
    const compiler = new TrainingGraphCompiler({
      lexicon: { fst: fst('hmm/L.fst') },
      tree: tree('hmm/tri.tree'),
      transitionModel: model('hmm/tri.mdl'),
      // The program's defaults: probabilities are added when graphs are used.
      options: { transitionScale: 0, selfLoopScale: 0 },
    });
    const graphs = readFstTable('hmm/train_graphs.ark');
    const lines = text('hmm/text').trim().split('\n');
    expect(graphs.size).toBe(lines.length);
    for (const line of lines) {
      const [key, ...words] = line.split(' ');
      const [made, kaldi] = [compiler.compile(language.wordLabels(words)), graphs.get(key!)!];
      expect(made.numStates).toBeLessThanOrEqual(kaldi.numStates);
      for (let seed = 0; seed < 10; seed++)
        for (const source of [made, kaldi]) {
          const { input, output } = randomPath(source, seed);
          const cost = pathCost(made, input, output);
          expect(cost).toBeLessThan(Infinity);
          // Kaldi rounds weights to 1/1024 as it minimises.
          expect(cost).toBeCloseTo(pathCost(kaldi, input, output), 2);
        }
    }
  });

  testShared('transition probabilities added later are those compiled in', () => {
    const transitionModel = model('hmm/tri.mdl');
    const words = digits().wordLabels(['six', 'nine']);
    const compile = (transitionScale: number, selfLoopScale: number): Fst =>
      new TrainingGraphCompiler({
        lexicon: digits(),
        tree: tree('hmm/tri.tree'),
        transitionModel,
        options: { transitionScale, selfLoopScale },
      }).compile(words);
    const within = compile(1, 0.1);
    const later = addTransitionProbs(compile(0, 0), transitionModel, { selfLoopScale: 0.1 });
    for (let seed = 0; seed < 20; seed++) {
      const { input, output } = randomPath(within, seed);
      const cost = pathCost(within, input, output);
      expect(cost).toBeLessThan(Infinity);
      expect(pathCost(later, input, output)).toBeCloseTo(cost, 3);
    }
  });

  testShared('an equal alignment fills the frames evenly and says the words', () => {
    const language = digits();
    const transitionModel = model('hmm/tri.mdl');
    const compiler = new TrainingGraphCompiler({ lexicon: language, tree: tree('hmm/tri.tree'), transitionModel });
    const words = language.wordLabels(['two', 'seven']);
    const graph = compiler.compile(words);
    let silences = 0;
    for (let seed = 0; seed < 20; seed++) {
      const alignment = equalAlign(graph, 101, { seed })!;
      expect(alignment.length).toBe(101);
      const times = alignmentToWords(
        transitionModel,
        alignment,
        words,
        (word) => language.pronunciations(word),
        new Set(language.silencePhones),
      );
      expect(times?.map((t) => t.word)).toEqual(words);
      const runs = alignmentToPhoneRuns(transitionModel, alignment).filter((r) => r.phone !== 1);
      silences += alignmentToPhoneRuns(transitionModel, alignment).length - runs.length;
      const lengths = runs.map((r) => r.length);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(3);
    }
    expect(silences).toBeGreaterThan(10);
    expect(equalAlign(graph, 101, { seed: 7 })).toEqual(equalAlign(graph, 101, { seed: 7 }));
    expect(equalAlign(graph, 21)!.length).toBe(21);
    expect(equalAlign(graph, 20)).toBeUndefined();
  });

  testShared('a word that the lexicon lacks is named', () => {
    const language = digits();
    expect(() => language.wordLabels(['ten'])).toThrow("the lexicon lacks the word 'ten', and no oov word is set");
    const compiler = new TrainingGraphCompiler({
      lexicon: language,
      tree: tree('hmm/tri.tree'),
      transitionModel: model('hmm/tri.mdl'),
    });
    expect(() => compiler.compile([99])).toThrow('training graph: the lexicon has no way to say words 99');
  });
});

describe('a lexicon', () => {
  test('homophones and prefixes get disambiguation symbols', () => {
    const lexicon = Lexicon.parse('a x\nb x\nc x y\nd x y\ne z\n');
    const { entries, max } = addDisambig(lexicon);
    expect(entries.map((e) => e.disambig)).toEqual([1, 2, 1, 2, 0]);
    expect(max).toBe(2);
    const language = new Language(lexicon, { silencePhones: ['SIL'] });
    const lg = makeLG(
      lexiconFst(language, { disambig: true }),
      wordLoop(language.wordLabels(['a', 'b', 'c', 'd', 'e'])),
    );
    expect(lg.numArcs).toBeGreaterThan(0);
    // Without the symbols L o G has no deterministic form: that is said, not searched for without end.
    const bare = { ...language, disambig: [], entries: language.entries.map((e) => ({ ...e, disambig: 0 })) };
    const l = lexiconFst(Object.setPrototypeOf(bare, Language.prototype) as Language, { disambig: false });
    expect(() => makeLG(l, wordLoop([1, 2, 3]))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_FST_NOT/) }),
    );
  });

  test('probabilities, silence probabilities and bad lines', () => {
    const plain = Lexicon.parse('a 0.5 x y\nb 1 z\n', { form: 'probabilities' });
    expect(plain.format()).toBe('a 0.5 x y\nb 1 z\n');
    const lexicon = Lexicon.parse('a 1 0.2 1.5 0.9 x y\nb 0.5 0.3 1 1.1 x\n', { form: 'silence' });
    expect(lexicon.format()).toBe('a 1 0.2 1.5 0.9 x y\nb 0.5 0.3 1 1.1 x\n');
    const language = new Language(lexicon, { silencePhones: ['SIL'] });
    const edgeSilence = { begin: 0.9, endAfterSilence: 1.2, endAfterWord: 0.8 };
    const l = lexiconFst(language, { disambig: true, edgeSilence });
    expect(makeLG(l, wordLoop([1, 2])).numStates).toBeGreaterThan(3);
    expect(() => lexiconFst(language, { disambig: true })).toThrow(/needs those of the edges too/);
    expect(() => Lexicon.parse('a x\n\nb\n')).toThrow("lexicon, line 3: expected phones after 'b', found none");
    expect(() => Lexicon.parse('a x #1\n')).toThrow("lexicon, line 1: '#1' is a reserved symbol");
    expect(() => Lexicon.parse('a 1.5 x\n', { form: 'probabilities' })).toThrow(
      /expected a probability from 0 to 1, found 1.5/,
    );
    expect(() => Lexicon.parse('')).toThrow('lexicon: expected entries, found none');
  });

  test('of letters, and with positions', () => {
    const lexicon = Lexicon.graphemes(["L'été", 'über', 'a-b']);
    expect(lexicon.entries.map((e) => e.phones.join(' '))).toEqual(['l é t é', 'ü b e r', 'a b']);
    expect(Lexicon.graphemes(['x']).positionDependent().phones).toEqual(['x_S']);
    expect(Lexicon.graphemes(['abc']).positionDependent().format()).toBe('abc a_B b_I c_E\n');
    expect(() => Lexicon.graphemes(['--'])).toThrow(/has no letters/);
  });
});
