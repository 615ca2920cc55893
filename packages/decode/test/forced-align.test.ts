import { readFileSync } from 'node:fs';
import { alignmentCtm, alignmentTiers, forcedAlign, formatCtm, formatTextGrid, timeAlignment } from '@jebena/decode';
import { ContextTree, Language, Lexicon, TrainingGraphCompiler, TransitionModel } from '@jebena/hmm';
import { KaldiInput, matrix } from '@jebena/io-ark';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, readMatrixTable, readTextTable } from './support/golden.js';

const open = (name: string): KaldiInput => new KaldiInput(readFileSync(shared('golden', name)));

testShared("a transcript's alignment, as CTM and TextGrid", () => {
  const model = TransitionModel.read(open('decode/final.mdl'));
  const language = new Language(Lexicon.parse(readFileSync(shared('golden/hmm/lexicon.txt'), 'utf8')), {
    silencePhones: ['SIL'],
  });
  const compiler = new TrainingGraphCompiler({
    lexicon: language,
    tree: ContextTree.read(open('chain/tree')),
    transitionModel: model,
    options: { transitionScale: 0, selfLoopScale: 0 },
  });
  const alignments = readIntTable('decode/ali.txt');
  const scores = readMatrixTable('decode/loglikes.ark');
  for (const [key, text] of readTextTable('hmm/text')) {
    const words = language.wordLabels(text);
    const graph = compiler.compile(words);
    const aligned = forcedAlign(graph, model, scores.get(key)!, { acousticScale: 1 })!;
    expect([...aligned.words]).toEqual(words);
    // Decoded without errors, so what was said is what was found, up to the grammar's pull on boundaries.
    const same = aligned.alignment.filter(
      (tid, t) => model.tidToPhone[tid] === model.tidToPhone[alignments.get(key)![t]!],
    );
    expect(same.length / aligned.alignment.length).toBeGreaterThan(0.97);
    const timed = timeAlignment(aligned.alignment, aligned.words, model, language)!;
    const ctm = formatCtm(alignmentCtm(key, timed, language, 0.03))
      .trim()
      .split('\n');
    expect(ctm.map((line) => line.split(' ')[4])).toEqual(text);
    const grid = formatTextGrid(alignmentTiers(timed, language, 0.03), timed.numFrames * 0.03);
    expect(grid.match(/text = "(zero|one|two|three|four|five|six|seven|eight|nine)"/g)!.length).toBe(text.length);
    // Too few frames for the words: no path to the end, with the wider beam too.
    expect(forcedAlign(graph, model, matrix(3, 56), { acousticScale: 1, beam: 5, retryBeam: 50 })).toBeUndefined();
  }
});
