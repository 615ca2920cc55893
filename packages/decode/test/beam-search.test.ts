import { readFileSync } from 'node:fs';
import { BeamSearch } from '@jebena/decode';
import { TransitionModel } from '@jebena/hmm';
import { KaldiInput, matrix, type Matrix } from '@jebena/io-ark';
import { type Fst, FstBuilder, readFst } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, readMatrixTable } from './support/golden.js';

const options = { acousticScale: 1, beam: 15, maxActive: 7000 };

describe.each(['decode', 'noisy'])('golden/%s', (folder) => {
  const load = () => ({
    model: TransitionModel.read(new KaldiInput(readFileSync(shared('golden/decode/final.mdl')))),
    graph: readFst(readFileSync(shared('golden/decode/HCLG.fst'))),
    loglikes: readMatrixTable(`${folder}/loglikes.ark`),
    words: readIntTable(`${folder}/${folder === 'decode' ? 'words.txt.int' : 'words.int'}`),
    alignments: readIntTable(`${folder}/ali.txt`),
    // "Log-like per frame for utterance KEY is VALUE over N frames."
    perFrame: new Map(
      Array.from(
        readFileSync(shared(`golden/${folder}/latgen.log`), 'utf8').matchAll(/for utterance (\S+) is (\S+) over/g),
        (m) => [m[1]!, Number(m[2])],
      ),
    ),
  });

  testShared("words, alignments and costs are Kaldi's", () => {
    const { model, graph, loglikes, words, alignments, perFrame } = load();
    const search = new BeamSearch(graph, model.tidToPdf, options);
    for (const [key, scores] of loglikes) {
      search.start();
      search.advance(scores);
      const best = search.bestPath()!;
      expect([...best.words]).toEqual(words.get(key));
      expect([...best.alignment]).toEqual(alignments.get(key));
      expect(-best.cost / scores.rows).toBeCloseTo(perFrame.get(key)!, 4);
      expect(best.graphCost + best.acousticCost).toBeCloseTo(best.cost, 6);
      expect(best.reachedFinal).toBe(true);
    }
    expect(loglikes.size).toBe(6);
  });

  testShared('what is stable never changes, and the cost of ending is relative to the best path', () => {
    const { model, graph, loglikes } = load();
    const search = new BeamSearch(graph, model.tidToPdf, options);
    let longest = 0;
    for (const scores of loglikes.values()) {
      search.start();
      const stable: number[][] = [];
      for (let r = 0; r < scores.rows; r++) {
        search.advance(matrix(1, scores.cols, scores.data.slice(r * scores.cols, (r + 1) * scores.cols)));
        const best = search.bestPath({ useFinal: false })!;
        stable.push([...best.words].slice(0, search.stableWords()));
        const ending = search.bestPath()!;
        expect(search.finalRelativeCost).toBeCloseTo(ending.reachedFinal ? ending.cost - best.cost : Infinity, 6);
      }
      const words = [...search.bestPath()!.words];
      for (const first of stable) expect(words.slice(0, first.length)).toEqual(first);
      longest = Math.max(longest, stable.at(-1)!.length);
    }
    expect(longest).toBeGreaterThan(1);
  });

  testShared('frames may come one by one', () => {
    const { model, graph, loglikes } = load();
    const whole = new BeamSearch(graph, model.tidToPdf, options);
    const parts = new BeamSearch(graph, model.tidToPdf, options);
    for (const scores of loglikes.values()) {
      whole.start();
      whole.advance(scores);
      parts.start();
      for (let r = 0; r < scores.rows; r++) {
        parts.advance(matrix(1, scores.cols, scores.data.slice(r * scores.cols, (r + 1) * scores.cols)));
        const sofar = parts.bestPath({ useFinal: false })!;
        expect(sofar.alignment.length).toBe(r + 1);
        expect([...parts.traceback()].reverse()).toEqual([...sofar.alignment]);
      }
      expect(parts.bestPath()).toEqual(whole.bestPath());
    }
  });
});

/** The cheapest path by dynamic programming over all states, without any pruning. */
function exhaustive(graph: Fst, scores: Matrix): number {
  let costs = new Float64Array(graph.numStates).fill(Infinity);
  costs[graph.start] = 0;
  const relax = (from: Float64Array, to: Float64Array, frame: number | undefined): boolean => {
    let changed = false;
    for (let s = 0; s < graph.numStates; s++)
      for (let a = graph.firstArc[s]!; a < graph.firstArc[s + 1]!; a++) {
        const label = graph.ilabel[a]!;
        if ((label === 0) !== (frame === undefined)) continue;
        const score = frame === undefined ? 0 : scores.data[frame * scores.cols + label - 1]!;
        const sum = from[s]! + graph.weight[a]! - score;
        if (sum < to[graph.nextState[a]!]!) {
          to[graph.nextState[a]!] = sum;
          changed = true;
        }
      }
    return changed;
  };
  for (let frame = -1; frame < scores.rows; frame++) {
    if (frame >= 0) {
      const next = new Float64Array(graph.numStates).fill(Infinity);
      relax(costs, next, frame);
      costs = next;
    }
    while (relax(costs, costs, undefined));
  }
  return Math.min(...costs.map((cost, s) => cost + graph.final[s]!));
}

function randomCase(seed: number): { graph: Fst; scores: Matrix } {
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const b = new FstBuilder();
  b.ensureStates(40);
  b.setStart(0);
  for (let i = 0; i < 160; i++) {
    const label = random() < 0.25 ? 0 : 1 + Math.floor(random() * 9);
    b.addArc(Math.floor(random() * 40), label, Math.floor(random() * 4), random() * 3, Math.floor(random() * 40));
  }
  for (let s = 0; s < 10; s++) b.setFinal(Math.floor(random() * 40), random());
  return {
    graph: b.build(),
    scores: matrix(
      30,
      9,
      Float32Array.from({ length: 270 }, () => 4 * random()),
    ),
  };
}

describe('on seeded random graphs', () => {
  const identity = Int32Array.from({ length: 10 }, (_, i) => i - 1);
  test('a wide beam finds the cheapest path', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { graph, scores } = randomCase(seed);
      const search = new BeamSearch(graph, identity, { beam: 1000, acousticScale: 1 });
      search.start();
      search.advance(scores);
      const best = search.bestPath();
      const cost = exhaustive(graph, scores);
      if (cost === Infinity) expect(best?.reachedFinal ?? false).toBe(false);
      else expect(best!.cost).toBeCloseTo(cost, 4);
    }
  });

  test('max-active bounds the tokens, and sweeping them loses nothing', () => {
    const { graph, scores } = randomCase(3);
    const long = matrix(
      9000,
      9,
      Float32Array.from({ length: 81000 }, (_, i) => scores.data[i % 270]!),
    );
    const search = new BeamSearch(graph, identity, { beam: 8, maxActive: 12, minActive: 2, acousticScale: 1 });
    search.start();
    search.advance(long);
    const best = search.bestPath()!;
    expect(best.alignment.length).toBe(9000);
    let cost = 0;
    best.alignment.forEach((label, t) => (cost -= long.data[t * 9 + label - 1]!));
    expect(best.acousticCost).toBeCloseTo(cost, 1);
  });
});

test('an utterance without a path, an unknown label, a NaN and too few columns are told apart', () => {
  const b = new FstBuilder();
  b.ensureStates(2);
  b.setStart(0);
  b.addArc(0, 2, 1, 0, 1);
  b.setFinal(1);
  const graph = b.build();
  expect(() => new BeamSearch(graph, Int32Array.of(-1, 0))).toThrow(/input label 2, which the model lacks/);
  const search = new BeamSearch(graph, Int32Array.of(-1, 0, 1));
  expect(() => search.advance(matrix(1, 2))).toThrow(/advance before start/);
  search.start();
  expect(search.bestPath()).toMatchObject({ reachedFinal: false, cost: 0 });
  expect(() => search.advance(matrix(1, 1))).toThrow(/expected scores of at least 2 pdfs, found 1/);
  expect(() => search.advance(matrix(1, 2, Float32Array.of(0, NaN)))).toThrow(/frame 0, pdf 1: the score is NaN/);
  search.start();
  search.advance(matrix(2, 2));
  expect(search.bestPath()).toBeUndefined();
});
