import { readFileSync } from 'node:fs';
import {
  alignmentToPdfs,
  alignmentToPhoneRuns,
  alignmentToPhones,
  alignmentToWords,
  ContextTree,
  HmmError,
  posteriorOnAlignment,
  Topology,
  TransitionModel,
} from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const lines = (name: string): [string, string][] =>
  readFileSync(shared('golden/hmm', name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]);
const ints = (text: string): number[] => text.split(' ').map(Number);

describe("Kaldi's alignments", () => {
  const model = () => TransitionModel.read(new KaldiInput(readFileSync(shared('golden/hmm/tri.mdl'))));
  testShared('pdfs, phones and lengths', () => {
    const m = model();
    const tables = ['ali.pdf.txt', 'ali.phones.txt', 'ali.lengths.txt'].map((name) => new Map(lines(name)));
    for (const [key, text] of lines('ali.txt')) {
      const alignment = ints(text);
      expect(alignmentToPdfs(m, alignment).join(' ')).toBe(tables[0]!.get(key));
      expect(alignmentToPhones(m, alignment).join(' ')).toBe(tables[1]!.get(key));
      const runs = alignmentToPhoneRuns(m, alignment);
      expect(runs.map((r) => `${r.phone} ${r.length}`).join(' ; ')).toBe(tables[2]!.get(key));
    }
  });

  testShared('words', () => {
    const m = model();
    const table = (name: string): Map<string, number> =>
      new Map(lines(name).map(([symbol, label]) => [symbol, Number(label)]));
    const [phones, words] = [table('phones.txt'), table('words.txt')];
    const pronunciations = new Map(
      lines('lexicon.txt').map(([w, p]) => [words.get(w)!, p.split(' ').map((x) => phones.get(x)!)]),
    );
    const texts = new Map(lines('text'));
    for (const [key, text] of lines('ali.txt')) {
      const said = texts
        .get(key)!
        .split(' ')
        .map((w) => words.get(w)!);
      const alignment = ints(text);
      const times = alignmentToWords(m, alignment, said, (w) => [pronunciations.get(w)!], new Set([1]))!;
      expect(times.map((t) => t.word)).toEqual(said);
      times.reduce((end, t) => {
        expect(t.start).toBeGreaterThanOrEqual(end);
        return t.start + t.length;
      }, 0);
      expect(
        alignmentToWords(m, alignment, said.slice(1), (w) => [pronunciations.get(w)!], new Set([1])),
      ).toBeUndefined();
    }
  });
});

test('a phone said twice gives two runs, in both orders of self-loops', () => {
  const topology = Topology.of([
    [
      [1],
      [
        {
          forwardPdfClass: 0,
          selfLoopPdfClass: 0,
          transitions: [
            { to: 0, probability: 0.5 },
            { to: 1, probability: 0.5 },
          ],
        },
        { forwardPdfClass: -1, selfLoopPdfClass: -1, transitions: [] },
      ],
    ],
  ]);
  const model = TransitionModel.create(ContextTree.monophone(topology), topology);
  expect(alignmentToPhoneRuns(model, [2, 1, 1, 2]).map((r) => r.length)).toEqual([3, 1]);
  expect(alignmentToPhoneRuns(model, [1, 1, 2, 2]).map((r) => r.length)).toEqual([3, 1]);
  expect(() => alignmentToPdfs(model, [1, 3])).toThrow(HmmError);
  expect(() => alignmentToPdfs(model, [1, 3])).toThrow('frame 1: expected a transition id from 1 to 2, found 3');
});

test('posteriors of an alignment are its confidences', () => {
  const posterior = [
    [
      [3, 0.25],
      [5, 0.75],
    ],
    [[5, 1]],
    [
      [2, 0.5],
      [2, 0.25],
    ],
  ] as const;
  expect(Array.from(posteriorOnAlignment(posterior, [5, 4, 2]))).toEqual([0.75, 0, 0.75]);
  expect(() => posteriorOnAlignment(posterior, [1])).toThrow('expected as many frames as the alignment');
});
