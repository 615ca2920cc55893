import { readFileSync } from 'node:fs';
import { alignWords, BeamSearch, LatticeDecoder, latticeBestPath, nBest } from '@jebena/decode';
import { addWordsToGraph, ContextTree, Language, Lexicon, makeGraph, TransitionModel, wordLoop } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, readMatrixTable } from './support/golden.js';

const open = (name: string): KaldiInput => new KaldiInput(readFileSync(shared('golden', name)));

testShared('words added to a finished graph are found as if they had always been there', () => {
  const lines = readFileSync(shared('golden/hmm/lexicon.txt'), 'utf8').split('\n').filter(Boolean);
  const transitionModel = TransitionModel.read(open('decode/final.mdl'));
  const tree = ContextTree.read(open('chain/tree'));
  const all = new Language(Lexicon.parse(lines.join('\n')), { silencePhones: ['SIL'] });
  const { phones, words } = all;
  const part = (keep: (word: string) => boolean): Language =>
    new Language(Lexicon.parse(lines.filter((line) => keep(line.split(' ')[0]!)).join('\n')), {
      silencePhones: ['SIL'],
      phones,
      words,
    });
  const isNew = (word: string): boolean => word === 'nine' || word === 'six';
  const old = part((word) => !isNew(word));
  const grammar = wordLoop(old.wordLabels('zero one two three four five seven eight'.split(' ')));
  const options = { selfLoopScale: 1 };
  const graph = makeGraph({ lexicon: old, grammar, transitionModel, tree, options });
  const added = addWordsToGraph({ graph, language: part(isNew), transitionModel, tree, cost: Math.log(11), options });
  const wanted = readIntTable('decode/words.txt.int');
  const found = (fst: typeof graph): Map<string, number[]> => {
    const search = new BeamSearch(fst, transitionModel.tidToPdf, { beam: 15, acousticScale: 1 });
    return new Map(
      [...readMatrixTable('decode/loglikes.ark')].map(([key, scores]) => {
        search.start();
        search.advance(scores);
        return [key, [...search.bestPath()!.words]];
      }),
    );
  };
  expect(found(added)).toEqual(wanted);
  expect(found(graph)).not.toEqual(wanted);
});

testShared('words are aligned by phones that tell their position', () => {
  // Each phone of the digits marked as if it stood alone or at a place: a word is what lies between the marks.
  const model = TransitionModel.read(open('decode/final.mdl'));
  const decoder = new LatticeDecoder(
    makeGraph({
      lexicon: new Language(Lexicon.parse('two T UW\n'), {
        silencePhones: ['SIL'],
        phones: new Language(Lexicon.parse(readFileSync(shared('golden/hmm/lexicon.txt'), 'utf8')), {
          silencePhones: ['SIL'],
        }).phones,
      }),
      grammar: wordLoop([1]),
      transitionModel: model,
      tree: ContextTree.read(open('chain/tree')),
      options: { selfLoopScale: 1 },
    }),
    model,
    { acousticScale: 1 },
  );
  const { lattice } = decoder.decode(readMatrixTable('decode/loglikes.ark').get('theo-t0001')!)!;
  const boundaries = new Map([
    [1, 'nonword'],
    [15, 'begin'],
    [17, 'end'],
  ] as const);
  const aligned = alignWords(lattice, model, { boundaries })!;
  expect([...latticeBestPath(aligned)!.alignment]).toEqual([...latticeBestPath(lattice)!.alignment]);
  expect(nBest(aligned, 5).map((p) => [...p.words])).toEqual(nBest(lattice, 5).map((p) => [...p.words]));
  for (let a = 0; a < aligned.numArcs; a++) {
    const phones = [...new Set([...aligned.string(a)].map((tid) => model.tidToPhone[tid]!))];
    expect(phones).toEqual(aligned.label[a] === 0 ? [1] : [15, 17]);
  }
  expect(
    alignWords(lattice, model, {
      boundaries: new Map([
        [1, 'nonword'],
        [15, 'singleton'],
      ] as const),
    }),
  ).toBeUndefined();
});
