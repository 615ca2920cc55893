import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ConstArpa,
  type NgramModel,
  arpaToFst,
  estimateNgrams,
  formatArpa,
  jsgfGrammar,
  phraseGrammar,
  readArpa,
} from '@jebena/hmm';
import {
  type Fst,
  SymbolTable,
  equivalent,
  linear,
  pairCost,
  parseFst,
  parseSymbols,
  project,
  randomPaths,
} from '@jebena/wfst';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures/grammar', name));
const words = (): SymbolTable => parseSymbols(fixture('words.txt'), { path: 'words.txt' });

/** What a grammar asks for a sentence, #0 taken as epsilon. */
function costOf(fst: Fst, symbols: SymbolTable, sentence: string): number {
  const labels = sentence
    .split(' ')
    .filter(Boolean)
    .map((w) => symbols.label(w));
  const backoff = symbols.find('#0');
  const free = fst.with({ ilabel: fst.ilabel.map((label) => (label === backoff ? 0 : label)) });
  return pairCost(free, labels, labels);
}

describe('ARPA', () => {
  test('G is the machine that Kaldi makes', () => {
    const symbols = words();
    const model = readArpa(fixture('trigram.arpa'), { symbols });
    const [plain, theirs] = [arpaToFst(model), parseFst(fixture('trigram.plain.txt'))];
    expect([plain.numStates, plain.numArcs]).toEqual([theirs.numStates, theirs.numArcs]);
    // Their text has six digits.
    expect(equivalent(plain, theirs, { delta: 1e-3 })).toBe(true);
  });

  test('with #0 too, but for a state that can only back off', () => {
    const symbols = words();
    const g = arpaToFst(readArpa(fixture('trigram.arpa'), { symbols }), { disambig: symbols.label('#0') });
    const theirs = parseFst(fixture('trigram.disambig.txt'));
    // Kaldi's own arpa2fst takes such states out; kaldilm, which made the file, left that step away.
    expect([g.numStates, g.numArcs]).toEqual([theirs.numStates - 1, theirs.numArcs - 1]);
    const paths = randomPaths(project(theirs, 'output'), { seed: 5 });
    for (let i = 0; i < 30; i++) {
      const sentence = Array.from(paths.next().value.olabels, (label) => symbols.symbol(label)!).join(' ');
      expect(costOf(g, symbols, sentence)).toBeCloseTo(costOf(theirs, symbols, sentence), 3);
    }
  });

  test('a sentence costs what the model says, where no back-off is cheaper', () => {
    const symbols = words();
    const model = readArpa(fixture('trigram.arpa'), { symbols });
    const g = arpaToFst(model, { disambig: symbols.label('#0') });
    for (const sentence of ['call the bank', 'anna anna never', 'shop the call']) {
      const labels = sentence.split(' ').map((w) => symbols.label(w));
      expect(costOf(g, symbols, sentence)).toBeLessThanOrEqual(-model.sentenceLogProb(labels) + 1e-4);
    }
    expect(costOf(g, symbols, 'call the bank')).toBeCloseTo(-model.sentenceLogProb([1, 2, 3]), 4);
  });

  test('reads what it writes', () => {
    const symbols = words();
    const text = fixture('trigram.arpa').toString();
    expect(formatArpa(readArpa(Buffer.from(text), { symbols }), symbols)).toBe(text);
  });

  test('leaves out what Kaldi leaves out, and says so', () => {
    const symbols = words();
    const warnings: string[] = [];
    const text = fixture('trigram.arpa')
      .toString()
      .replace('ngram 1=10', 'ngram 1=11')
      .replace('ngram 2=19', 'ngram 2=22')
      .replace('\tnever\n', '\tnever\n-1\tunheard\n')
      .replace('\\2-grams:\n', '\\2-grams:\n-1\tcall <s>\n-1\tcall unheard\n-1\t</s> call\n');
    const model = readArpa(Buffer.from(text), { symbols, onWarning: (w) => warnings.push(w) });
    expect(model.counts).toEqual([10, 19, 22]);
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toBe("line 17 [-1\tunheard] skipped: word 'unheard' not in symbol table");
    const added = readArpa(Buffer.from(text), { symbols, unknown: 'add' });
    expect(added.counts).toEqual([11, 20, 22]);
  });

  test('a torn or wrong file says where', () => {
    const symbols = words();
    const text = fixture('trigram.arpa').toString();
    const read = (t: string): NgramModel => readArpa(Buffer.from(t), { symbols }, { path: 'lm.arpa' });
    expect(() => read(text.slice(0, 400))).toThrow(/lm\.arpa, byte \d+: expected/);
    expect(() => read('hello\n')).toThrow('lm.arpa, byte 6: expected \\data\\, found the end of the file');
    expect(() => read(text.replace('\\2-grams:', '\\3-grams:'))).toThrow(/expected \\2-grams:, found/);
    expect(() => read(text.replace('ngram 2=19', 'ngram 2=5'))).toThrow('expected 5 2-grams, as the header says');
    expect(() => read(text.replace('-0.6194102\t', 'x\t'))).toThrow('expected a number');
    expect(() => readArpa(Buffer.from(text), {})).toThrow("expected a label for '<s>'");
  });
});

describe('estimation', () => {
  const sentences = fc.array(fc.array(fc.integer({ min: 3, max: 7 }), { maxLength: 8 }), {
    minLength: 1,
    maxLength: 20,
  });

  test.each(['kneser-ney', 'witten-bell'] as const)('%s: probabilities sum to one after every history', (smoothing) => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 4 }), (text, order) => {
        const model = estimateNgrams(text, { bos: 1, eos: 2, order, smoothing, vocabulary: [3, 4, 5, 6, 7, 8] });
        for (const history of [[1], [1, 3], [3, 4], [5], [7, 7, 7], [8], [1, 4, 4]]) {
          let sum = 0;
          for (const word of [2, 3, 4, 5, 6, 7, 8]) {
            expect(model.logProb(word, history)).toBeLessThanOrEqual(1e-6);
            sum += Math.exp(model.logProb(word, history));
          }
          expect(sum).toBeCloseTo(1, 5);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('Witten-Bell as reckoned by hand', () => {
    // Twice `a b`, once `a c`: after `a` 3 words of 2 kinds; in all 9 of 4 kinds (the end included).
    const model = estimateNgrams(
      [
        [3, 4],
        [3, 4],
        [3, 5],
      ],
      { bos: 1, eos: 2, order: 2, smoothing: 'witten-bell' },
    );
    const single = (2 + 4 / 4) / (9 + 4);
    expect(Math.exp(model.logProb(4, [3]))).toBeCloseTo((2 + 2 * single) / (3 + 2), 6);
    expect(Math.exp(model.logProb(2, [3]))).toBeCloseTo((2 / (3 + 2)) * ((3 + 4 / 4) / (9 + 4)), 6);
  });

  test('Kneser-Ney counts kinds of words before a word, not its occurrences', () => {
    // `4` comes five times but only after `3`; `5` twice, after two words.
    const text = [
      [3, 4],
      [3, 4],
      [3, 4],
      [3, 4],
      [3, 4],
      [3, 5],
      [6, 5],
    ];
    const model = estimateNgrams(text, { bos: 1, eos: 2, order: 2, smoothing: 'kneser-ney' });
    expect(model.logProb(5, [])).toBeGreaterThan(model.logProb(4, []));
    expect(model.logProb(4, [3])).toBeGreaterThan(model.logProb(5, [3]));
  });

  test('sentences with <s> inside, or none at all, are refused', () => {
    expect(() => estimateNgrams([[3, 1]], { bos: 1, eos: 2 })).toThrow('expected words, found label 1');
    expect(() => estimateNgrams([], { bos: 1, eos: 2 })).toThrow('expected sentences');
  });
});

describe('const-arpa', () => {
  test('gives what the model gives, also through its file and with far addresses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 3, max: 9 }), { maxLength: 8 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.array(fc.integer({ min: 2, max: 11 }), { minLength: 1, maxLength: 5 })),
        (text, order, queries) => {
          const model = estimateNgrams(text, { bos: 1, eos: 2, order });
          for (const farthest of [undefined, 5]) {
            const packed = ConstArpa.of(model, -1, farthest);
            // A Buffer may be a view of a larger one.
            const read = ConstArpa.read(Buffer.concat([Buffer.from('x'), packed.bytes()]).subarray(1));
            expect(Buffer.from(read.bytes()).equals(packed.bytes())).toBe(true);
            for (const query of queries) {
              const [word, history] = [query[0]!, [1, ...query.slice(1)]];
              const wanted = model.logProb(word, history);
              // The lowest bit of a leaf's mantissa is given up.
              if (wanted === -Infinity) expect(read.logProb(word, history)).toBe(-Infinity);
              else expect(read.logProb(word, history)).toBeCloseTo(wanted, 4);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('unknown words stand for <unk>; a torn file says where', () => {
    const model = estimateNgrams(
      [
        [3, 4],
        [4, 3, 5],
      ],
      { bos: 1, eos: 2, order: 2 },
    );
    const packed = ConstArpa.of(model, 5);
    expect(packed.logProb(77, [3])).toBe(packed.logProb(5, [3]));
    expect(packed.logProb(4, [77])).toBe(packed.logProb(4, [5]));
    expect(packed.hasHistory([3])).toBe(true);
    expect(packed.hasHistory([77])).toBe(false);
    expect(() => ConstArpa.of(model, 77)).toThrow('77 is not in the model');
    for (const length of [2, 20, 60, 120])
      expect(() => ConstArpa.read(packed.bytes().subarray(0, length), { path: 'lm' })).toThrow(
        /lm, byte \d+: expected/,
      );
  });
});

describe('phrases and JSGF', () => {
  const symbols = new SymbolTable(
    'words',
    ['<eps>', 'call', 'anna', 'bob', 'please', 'now', 'a'].map((w, i) => [w, i]),
  );

  test('phrases in proportion to their weights', () => {
    const g = phraseGrammar([{ text: 'call anna', weight: 3 }, 'call bob', 'call  bob now'], symbols);
    expect(costOf(g, symbols, 'call anna')).toBeCloseTo(Math.log(5 / 3), 5);
    expect(costOf(g, symbols, 'call bob')).toBeCloseTo(Math.log(5), 5);
    expect(costOf(g, symbols, 'call')).toBe(Infinity);
    expect(g.numStates).toBe(4);
    expect(() => phraseGrammar(['call eve'], symbols)).toThrow("phrase 1: 'eve' is not in words");
    expect(() => phraseGrammar([], symbols)).toThrow('expected phrases');
  });

  const grammar = `#JSGF V1.0 UTF-8 en;
    grammar phone;
    // who to call
    <name> = /3/ anna {ANNA} | /1/ "bob" ;
    public <call> = [please] call <name> now*;
  `;

  test('alternatives, options and repetition cost their share', () => {
    const g = jsgfGrammar(grammar, symbols);
    const half = Math.LN2;
    expect(costOf(g, symbols, 'call anna')).toBeCloseTo(half + Math.log(4 / 3) + half, 4);
    expect(costOf(g, symbols, 'please call bob')).toBeCloseTo(half + Math.log(4) + half, 4);
    expect(costOf(g, symbols, 'call bob now now')).toBeCloseTo(half + Math.log(4) + half + 2 * half, 4);
    expect(costOf(g, symbols, 'call')).toBe(Infinity);
  });

  test('groups, plus, NULL and VOID, a rule that ends in itself', () => {
    const g = jsgfGrammar('public <x> = (call | a <NULL>)+ | <VOID> bob | now <x>;', symbols);
    for (const sentence of ['call', 'a call a', 'now now a'])
      expect(costOf(g, symbols, sentence)).toBeLessThan(Infinity);
    for (const sentence of ['', 'bob', 'now']) expect(costOf(g, symbols, sentence)).toBe(Infinity);
    expect(linear([1]).numArcs).toBe(1);
  });

  test('what is wrong is told with its line', () => {
    expect(() => jsgfGrammar('public <x> =\ncall <y>;', symbols)).toThrow('JSGF line 2: there is no rule <y>');
    expect(() => jsgfGrammar('public <x> = call (anna;', symbols)).toThrow("JSGF line 1: expected ')', found ';'");
    expect(() => jsgfGrammar('public <x> = call <x> anna;', symbols)).toThrow('not regular');
    expect(() => jsgfGrammar('<x> = call;', symbols)).toThrow('expected a public rule');
    expect(() => jsgfGrammar('public <x> = eve;', symbols)).toThrow("JSGF line 1: 'eve' is not in words");
    expect(() => jsgfGrammar('import <y>;', symbols)).toThrow('imports are not read');
  });
});
