import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addWordsToModel, type ModelFiles, modelWords, packModel, recogniserFrom } from '@jebena/decode-looped';
import { readModelFiles } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';
import { AcousticModel } from '@jebena/graph';
import { ContextTree, Language, Lexicon, makeGraph, wordLoop } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { readSymbols, writeFst } from '@jebena/wfst';
import { afterAll, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { fillChainFolder, reference, waves } from './support/chain-model.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lexicon = (): Lexicon => Lexicon.parse(readFileSync(shared('golden/hmm/lexicon.txt'), 'utf8'));

/** The chain model with the words that `keep` keeps. */
function modelOf(keep: (word: string) => boolean): ModelFiles {
  const files = new Map(readModelFiles(fillChainFolder(folder)));
  const tree = new Uint8Array(readFileSync(shared('golden/chain/tree')));
  const phones = new Uint8Array(readFileSync(shared('golden/decode/phones.txt')));
  files.set('tree', tree).set('phones.txt', phones);
  const words = readSymbols(files.get('words.txt')!);
  const kept = new Lexicon(lexicon().entries.filter((e) => keep(e.word)));
  const language = new Language(kept, { silencePhones: ['SIL'], phones: readSymbols(phones), words });
  const graph = makeGraph({
    lexicon: language,
    grammar: wordLoop(kept.words.filter((w) => !w.startsWith('<') && w !== '!SIL').map((w) => words.label(w))),
    transitionModel: AcousticModel.fromBytes(files.get('final.mdl')!).transitions,
    tree: ContextTree.read(new KaldiInput(tree)),
    options: { selfLoopScale: 1 },
  });
  return files.set('HCLG.fst', writeFst(graph));
}

testShared('words added to a model are recognised, with their times, and the model stays as it was', async () => {
  const engine = await createEngine();
  const isNew = (word: string): boolean => word === 'nine' || word === 'six';
  const files = modelOf((word) => !isNew(word));
  const before = packModel(files);
  const { words, phones } = modelWords(files);
  expect(words).not.toContain('nine');
  expect(words).toContain('eight');
  expect(phones).toContain('AY');
  expect(phones.filter((p) => p === 'SIL' || p.startsWith('#') || p === '<eps>')).toEqual([]);
  const added = lexicon().entries.filter((e) => isNew(e.word));
  const more = addWordsToModel(files, [...added, { word: 'elf', phones: ['EH', 'T'] }]);
  expect(Buffer.compare(packModel(files), before)).toBe(0);
  expect(modelWords(more).words).toEqual([...words, 'nine', 'six', 'elf'].sort());
  const heard = async (model: ModelFiles): Promise<[string, string][]> => {
    const recogniser = recogniserFrom((name) => model.get(name), engine);
    const texts: [string, string][] = [];
    for (const [key, { sampleRate, channels }] of waves()) {
      const stream = recogniser.stream(sampleRate);
      await stream.push(channels[0]!);
      texts.push([key, (await stream.finish()).text]);
    }
    recogniser.dispose();
    return texts;
  };
  expect(new Map(await heard(more))).toEqual(reference());
  expect(new Map(await heard(files))).not.toEqual(reference());
});

testShared('words that cannot be added are refused in one line', () => {
  const files = modelOf(() => true);
  const add =
    (word: string, ...phones: string[]) =>
    () =>
      addWordsToModel(files, [{ word, phones }]);
  expect(add('oh', 'OH')).toThrow("word 'oh': expected phones of the model, found 'OH'");
  expect(add('oh')).toThrow("expected phones after 'oh', found none");
  expect(add('o h', 'OW')).toThrow("expected a word without blanks, found 'o h'");
  expect(add('', 'OW')).toThrow("expected a word without blanks, found ''");
  expect(add('#0', 'OW')).toThrow("'#0' is a reserved symbol");
  expect(add('oh', 'SIL')).toThrow("found 'SIL'");
  const bare = new Map(files);
  bare.delete('tree');
  expect(() => addWordsToModel(bare, [{ word: 'oh', phones: ['OW'] }])).toThrow(
    "model: expected tree among the model's files, found none",
  );
  expect(modelWords(bare).phones).toEqual([]);
});
