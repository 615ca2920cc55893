import { readFileSync } from 'node:fs';
import {
  alignWords,
  compareWords,
  latticeOracle,
  latticeWordTimes,
  nBest,
  nBestLattices,
  rescoreLattice,
  wordModelOf,
  wordModelOfFst,
  wordModelOfNgrams,
} from '@jebena/decode';
import { arpaToFst, ConstArpa, readArpa, TransitionModel } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { type CompactLattice, readCompactLattices, readFst } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, table } from './support/golden.js';

const arpa = `\\data\\
ngram 1=5
ngram 2=3
ngram 3=1

\\1-grams:
-0.5 1 -0.2
-0.7 2 -0.3
-0.9 3
-99 8 -0.1
-0.4 9

\\2-grams:
-0.3 1 2
-0.2 8 1 -0.05
-0.6 2 9

\\3-grams:
-0.1 8 1 2

\\end\\
`;
const ngrams = () => readArpa(new TextEncoder().encode(arpa), { bos: '8', eos: '9' });

async function lattice(text: string): Promise<CompactLattice> {
  for await (const [, value] of readCompactLattices(new TextEncoder().encode(`u \n${text}\n`))) return value;
  throw new Error('none');
}

describe('rescoring', () => {
  test('adds what the model says of each path', async () => {
    const model = ngrams();
    const input = await lattice('0 1 1 1,0,5\n0 1 2 0.5,0,5\n1 2 2 0,0,6\n1 2 3 0,0,6\n2 0,0,\n');
    const before = new Map(nBest(input, 10).map((p) => [p.words.join(' '), p.graphCost]));
    expect(before.size).toBe(4);
    for (const scale of [1, -0.5])
      for (const lm of [wordModelOfNgrams(model), wordModelOfNgrams(ConstArpa.of(model))])
        for (const path of nBest(rescoreLattice(input, lm, scale), 10)) {
          const words = path.words.join(' ');
          expect(path.graphCost).toBeCloseTo(before.get(words)! - scale * model.sentenceLogProb(path.words), 4);
        }
    const g = wordModelOfFst(arpaToFst(model, { disambig: 99 }), { backoff: 99 });
    for (const path of nBest(rescoreLattice(input, g), 10))
      expect(path.graphCost).toBeCloseTo(before.get(path.words.join(' '))! - model.sentenceLogProb(path.words), 4);
  });

  test('by any function of words', async () => {
    const input = await lattice('0 1 1 1,0,5\n0 1 2 0.5,0,5\n1 2 2 0,0,6\n1 2 3 0,0,6\n2 0,0,\n');
    const seen: string[] = [];
    const cost = (history: readonly number[], word: number | undefined): number => {
      seen.push(`${history.join(' ')}>${word ?? 'end'}`);
      return word === 3 ? 10 : 0;
    };
    expect([...nBest(rescoreLattice(input, wordModelOf(cost)), 1)[0]!.words]).toEqual([2, 2]);
    expect(new Set(seen)).toContain('2 3>end');
  });

  testShared('a grammar taken out and put in again changes nothing', async () => {
    const g = wordModelOfFst(readFst(readFileSync(shared('golden/hmm/G.fst'))));
    for (const input of (await table(readCompactLattices, 'noisy/lat.ark')).values()) {
      const out = rescoreLattice(rescoreLattice(input, g, -1), g, 1);
      const [a, b] = [nBest(out, 20), nBest(input, 20)];
      expect(a.map((p) => [...p.words])).toEqual(b.map((p) => [...p.words]));
      a.forEach((p, i) => expect(p.graphCost).toBeCloseTo(b[i]!.graphCost, 3));
    }
  });

  test('a model that accepts nothing is told', async () => {
    const input = await lattice('0 1 7 1,0,5\n1 0,0,\n');
    expect(() => rescoreLattice(input, wordModelOfNgrams(ngrams()))).toThrow('accepts no path of the lattice');
  });
});

describe('oracle', () => {
  testShared('finds the closest path, and is never worse than any of the n best', async () => {
    const references = readIntTable('decode/words.txt.int');
    for (const [key, input] of await table(readCompactLattices, 'noisy/lat.ark')) {
      const ref = references.get(key)!;
      const best = latticeOracle(input, ref);
      const errors = best.insertions + best.deletions + best.substitutions;
      const all = nBest(input, 300).map((p) => {
        const { insertions, deletions, substitutions } = compareWords(ref, Array.from(p.words));
        return insertions + deletions + substitutions;
      });
      expect(errors).toBeLessThanOrEqual(Math.min(...all));
      expect(nBest(input, 100_000).some((p) => p.words.join() === best.words.join())).toBe(true);
    }
  });
});

describe('word alignment', () => {
  const text = (name: string): string => readFileSync(shared('golden', name), 'utf8');
  testShared('gives every arc one word or one silence and keeps words, costs and frames', async () => {
    const model = TransitionModel.read(new KaldiInput(readFileSync(shared('golden/decode/final.mdl'))));
    const rows = readFileSync(shared('fsdd/kaldi/lang/phones/align_lexicon.int'), 'utf8').trim().split('\n');
    const lexicon = new Map(
      rows.map((row) => row.split(' ').map(Number)).map(([word, , ...phones]) => [word!, [phones]]),
    );
    expect(text('decode/words.txt')).toContain('zero 11');
    for (const input of (await table(readCompactLattices, 'noisy/lat.ark')).values()) {
      const aligned = alignWords(input, model, {
        pronunciations: (word) => lexicon.get(word) ?? [],
        silencePhones: new Set([1]),
      })!;
      const paths = (l: CompactLattice) => nBest(l, 40);
      const [a, b] = [paths(aligned), paths(input)];
      expect(a.map((p) => [...p.words])).toEqual(b.map((p) => [...p.words]));
      expect(a.map((p) => [...p.alignment])).toEqual(b.map((p) => [...p.alignment]));
      a.forEach((p, i) => expect(p.graphCost + p.acousticCost).toBeCloseTo(b[i]!.graphCost + b[i]!.acousticCost, 2));
      for (let arc = 0; arc < aligned.numArcs; arc++) {
        const phones = [...aligned.string(arc)]
          .map((tid) => model.tidToPhone[tid]!)
          .filter((p, i, all) => p !== all[i - 1]);
        expect(phones).toEqual(aligned.label[arc] === 0 ? [1] : lexicon.get(aligned.label[arc]!)![0]);
      }
    }
  });

  testShared('a word that is the beginning of another pronunciation is found at the end too', async () => {
    const model = TransitionModel.read(new KaldiInput(readFileSync(shared('golden/decode/final.mdl'))));
    // Phones 2 and 3, one frame each: their forward transitions.
    const [two, three] = [2, 3].map((phone) => model.tidToPhone.indexOf(phone) + 1);
    const input = await lattice(`0 1 7 1,2,${two}_${three}_${two}\n1 2 7 1,1,\n2 0,0,\n`);
    const pronunciations = () => [[2], [2, 3]];
    const aligned = alignWords(input, model, { pronunciations, silencePhones: new Set([1]) })!;
    const [path] = nBestLattices(aligned, 1);
    expect(latticeWordTimes(path!)).toEqual([
      { word: 7, start: 0, length: 2 },
      { word: 7, start: 2, length: 1 },
    ]);
  });
});
