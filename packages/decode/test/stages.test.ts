import { readFileSync } from 'node:fs';
import { align, decode } from '@jebena/decode';
import { ContextTree, Language, Lexicon, TrainingGraphCompiler, TransitionModel } from '@jebena/hmm';
import { KaldiInput, matrix, type Matrix } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { readFst } from '@jebena/wfst';
import { pipe } from 'it-pipe';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, readMatrixTable, readTextTable } from './support/golden.js';

const open = (name: string): KaldiInput => new KaldiInput(readFileSync(shared('golden', name)));
const model = () => TransitionModel.read(open('decode/final.mdl'));
const graph = () => readFst(readFileSync(shared('golden/decode/HCLG.fst')));
const options = { acousticScale: 1, beam: 15, latticeBeam: 8 };

testShared('decode keeps the contract of stages', async () => {
  const [m, g] = [model(), graph()];
  const items = [...readMatrixTable('decode/loglikes.ark')].slice(0, 3);
  await testStage<Item<Matrix>, unknown>({ make: (given) => decode(g, m, options, given), items, abortable: true });
});

testShared('decode runs in a pipe, and goes on after an utterance that it cannot decode', async () => {
  const scores: Item<Matrix>[] = [...readMatrixTable('decode/loglikes.ark')];
  scores.splice(
    1,
    0,
    ['empty', matrix(0, 56)],
    ['bad', matrix(1, 56, new Float32Array(56).fill(NaN))],
    ['narrow', matrix(1, 3)],
  );
  const failures = new Map<string, string>();
  const found = new Map<string, number[]>();
  await pipe(
    scores,
    decode(graph(), model(), options, { onFailure: (key, reason) => failures.set(key, reason) }),
    async (source: AsyncIterable<Item<{ best: { words: Int32Array } }>>) => {
      for await (const [key, { best }] of source) found.set(key, [...best.words]);
    },
  );
  expect(found).toEqual(readIntTable('decode/words.txt.int'));
  expect([...failures.keys()]).toEqual(['empty', 'bad', 'narrow']);
  expect(failures.get('narrow')).toMatch(/expected scores of at least 56 pdfs, found 3/);
});

testShared('align keeps the contract of stages', async () => {
  const m = model();
  const language = new Language(Lexicon.parse(readFileSync(shared('golden/hmm/lexicon.txt'), 'utf8')), {
    silencePhones: ['SIL'],
  });
  const tree = ContextTree.read(open('chain/tree'));
  const scales = { transitionScale: 0, selfLoopScale: 0 };
  const compiler = new TrainingGraphCompiler({ lexicon: language, tree, transitionModel: m, options: scales });
  const texts = readTextTable('hmm/text');
  const items = [...readMatrixTable('decode/loglikes.ark')].slice(0, 2);
  const graphOf = (key: string) =>
    texts.has(key) ? compiler.compile(language.wordLabels(texts.get(key)!)) : undefined;
  await testStage<Item<Matrix>, unknown>({
    make: (given) => align(graphOf, m, { acousticScale: 1 }, given),
    items,
    abortable: true,
  });
  const failed: string[] = [];
  const stage = align(() => undefined, m, {}, { onFailure: (key) => failed.push(key) });
  for await (const item of stage(items)) expect(item).toBeUndefined();
  expect(failed).toEqual(items.map(([key]) => key));
});
