import { readFileSync } from 'node:fs';
import {
  accuracyPosteriors,
  addWordPenalty,
  boostLattice,
  determinizePhonePruned,
  determinizePruned,
  latticeBestPath,
  LatticeDecoder,
  latticeDepth,
  latticePosteriors,
  LatticeSearch,
  minimumBayesRisk,
  nBest,
  pruneLattice,
  scaleLattice,
} from '@jebena/decode';
import { TransitionModel } from '@jebena/hmm';
import { KaldiInput, type Posterior, readPosteriors } from '@jebena/io-ark';
import { type CompactLattice, readCompactLattices, readFst, readLattices } from '@jebena/wfst';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readIntTable, readMatrixTable, table } from './support/golden.js';
import { latticeDifference } from './support/lattice-difference.js';

const modelOf = (name: string): TransitionModel =>
  TransitionModel.read(new KaldiInput(readFileSync(shared('golden', name))));
const lattices = (name: string): Promise<Map<string, CompactLattice>> => table(readCompactLattices, name);

/** Calls `check` with every value of a table and its counterpart in Kaldi's. */
function compare<A, B>(
  ours: Map<string, A>,
  kaldi: Map<string, B>,
  check: (ours: A, kaldi: B, key: string) => void,
): void {
  expect(kaldi.size).toBeGreaterThan(0);
  for (const [key, value] of kaldi) check(ours.get(key)!, value, key);
}

/** Both weigh the same ids at every frame; those below the tolerance may be absent. */
function expectPosteriors(ours: Posterior, kaldi: Posterior, tolerance: number = 1e-3): void {
  expect(ours.length).toBe(kaldi.length);
  ours.forEach((frame, t) => {
    const [a, b] = [new Map(frame), new Map(kaldi[t])];
    for (const id of new Set([...a.keys(), ...b.keys()]))
      expect(Math.abs((a.get(id) ?? 0) - (b.get(id) ?? 0))).toBeLessThan(tolerance);
  });
}

function expectPaths(ours: CompactLattice, kaldi: CompactLattice): void {
  const [a, b] = [nBest(ours, 50), nBest(kaldi, 50)];
  expect(a.length).toBe(b.length);
  a.forEach((path, i) => {
    expect([...path.words]).toEqual([...b[i]!.words]);
    expect([...path.alignment]).toEqual([...b[i]!.alignment]);
    expect(path.graphCost).toBeCloseTo(b[i]!.graphCost, 3);
    expect(path.acousticCost).toBeCloseTo(b[i]!.acousticCost, 2);
  });
}

describe.each(['decode', 'noisy'])('lattices of golden/%s', (folder) => {
  testShared("are Kaldi's: raw and determinized, and decoded frame by frame", async () => {
    const model = modelOf('decode/final.mdl');
    const graph = readFst(readFileSync(shared('golden/decode/HCLG.fst')));
    const [raw, det] = [await table(readLattices, `${folder}/lat.raw.ark`), await lattices(`${folder}/lat.ark`)];
    const search = new LatticeSearch(graph, model.tidToPdf, {
      acousticScale: 1,
      beam: 15,
      maxActive: 7000,
      latticeBeam: 8,
    });
    for (const [key, scores] of readMatrixTable(`${folder}/loglikes.ark`)) {
      search.start();
      search.advance(scores);
      const lattice = search.lattice()!;
      expect([lattice.numStates, lattice.numArcs]).toEqual([raw.get(key)!.numStates, raw.get(key)!.numArcs]);
      const compact = determinizePhonePruned(lattice, model, { beam: 8 });
      expect(latticeDifference(compact, det.get(key)!)).toBeUndefined();
      expect(nBest(compact, 5).map((p) => [...p.words])).toEqual(nBest(det.get(key)!, 5).map((p) => [...p.words]));
    }
  });

  testShared('are pruned, n-best listed and weighed as Kaldi does', async () => {
    const input = await lattices(`${folder}/lat.ark`);
    compare(input, await lattices(`${folder}/lat.pruned.txt`), (lattice, kaldi) =>
      expect(latticeDifference(pruneLattice(lattice, 4), kaldi)).toBeUndefined(),
    );
    compare(input, await table(readPosteriors, `${folder}/lat.post.txt`), (lattice, kaldi) =>
      expectPosteriors(latticePosteriors(lattice, { acousticScale: 0.5 }).posterior, kaldi),
    );
    const n = folder === 'noisy' ? 10 : 5;
    const paths = new Map(
      [...input].flatMap(([key, lattice]) => nBest(lattice, n).map((path, i) => [`${key}-${i + 1}`, path] as const)),
    );
    compare(paths, readIntTable(`${folder}/nbest.words.txt`), (path, words) => expect([...path.words]).toEqual(words));
    compare(paths, readIntTable(`${folder}/nbest.ac.txt`), (path, [cost]) =>
      expect(path.acousticCost).toBeCloseTo(cost!, 3),
    );
    compare(paths, readIntTable(`${folder}/nbest.lm.txt`), (path, [cost]) =>
      expect(path.graphCost).toBeCloseTo(cost!, 3),
    );
    expect(paths.size).toBe(readIntTable(`${folder}/nbest.lm.txt`).size);
  });

  testShared('average log-likelihoods are those in the log', async () => {
    const log = readFileSync(shared('golden', folder, 'lat.post.log'), 'utf8');
    const [, like, frames, acoustic] =
      /log-like\/frame is (\S+) over (\d+) frames\.\s+Average acoustic like\/frame is (\S+)/.exec(log)!.map(Number) as [
        number,
        number,
        number,
        number,
      ];
    const sums = [0, 0, 0];
    for (const lattice of (await lattices(`${folder}/lat.ark`)).values()) {
      const { posterior, logLike, acousticLogLike } = latticePosteriors(lattice, { acousticScale: 0.5 });
      sums[0]! += logLike;
      sums[1]! += acousticLogLike;
      sums[2]! += posterior.length;
    }
    expect(sums[2]).toBe(frames);
    expect(sums[0]! / frames).toBeCloseTo(like, 4);
    expect(sums[1]! / frames).toBeCloseTo(acoustic, 3);
  });

  testShared('minimum Bayes risk: words and sausages', async () => {
    const scale = folder === 'noisy' ? { acousticScale: 0.3 } : {};
    const input = await lattices(`${folder}/lat.ark`);
    const results = new Map([...input].map(([key, lattice]) => [key, minimumBayesRisk(scaleLattice(lattice, scale))]));
    compare(results, readIntTable(`${folder}/mbr.txt`), ({ words }, kaldi) =>
      expect(words.map((w) => w.word)).toEqual(kaldi),
    );
    compare(results, await table(readPosteriors, `${folder}/mbr.sausage.txt`), ({ sausage }, kaldi) =>
      expectPosteriors(sausage, kaldi),
    );
    for (const { words, risk, sausage } of results.values()) {
      expect(risk).toBeGreaterThanOrEqual(0);
      expect(words.every((w) => w.confidence > 0 && w.confidence <= 1 + 1e-6 && w.start <= w.end)).toBe(true);
      for (const bin of sausage) expect(bin.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(1, 3);
    }
  });
});

describe('lattices of golden/noisy', () => {
  testShared('depth, penalty, one best', async () => {
    const input = await lattices('noisy/lat.ark');
    compare(input, readIntTable('noisy/depth.txt'), (lattice, [depth]) =>
      expect(latticeDepth(lattice)).toBeCloseTo(depth!, 4),
    );
    compare(input, await lattices('noisy/lat.penalty.txt'), (lattice, kaldi) =>
      expect(latticeDifference(addWordPenalty(lattice, 0.5), kaldi)).toBeUndefined(),
    );
    compare(input, await lattices('noisy/1best.txt'), (lattice, kaldi) => {
      const [ours, only] = [latticeBestPath(lattice, { acousticScale: 0.5 })!, latticeBestPath(kaldi)!];
      expect([...ours.words]).toEqual([...only.words]);
      expect([...ours.alignment]).toEqual([...only.alignment]);
      expect(ours.graphCost).toBeCloseTo(only.graphCost, 3);
      expect(ours.acousticCost).toBeCloseTo(only.acousticCost, 3);
    });
  });

  testShared.each([
    ['noisy/tri.lat.ark', 'hybrid/tdnn.mdl', 'hmm/ali.txt', 0.1, 'noisy/tri'],
    ['decode/lat.ark', 'decode/final.mdl', 'decode/ali.txt', 0.5, 'seq/'],
  ])('sMBR, MPE and boosting of %s', async (name, modelName, reference, acousticScale, prefix) => {
    const model = modelOf(modelName);
    const references = readIntTable(reference);
    const input = await lattices(name);
    const files =
      prefix === 'seq/'
        ? ['seq/smbr.post.txt', 'seq/mpfe.post.txt', 'seq/lat.boosted.txt']
        : ['noisy/tri.smbr.txt', 'noisy/tri.mpe.txt', 'noisy/tri.boosted.txt'];
    for (const [i, criterion] of (['smbr', 'mpfe'] as const).entries())
      compare(input, await table(readPosteriors, files[i]!), (lattice, kaldi, key) => {
        const options = { criterion, acousticScale, silencePhones: [1] };
        const { posterior } = accuracyPosteriors(lattice, model, references.get(key)!, options);
        expectPosteriors(posterior, kaldi);
      });
    compare(input, await lattices(files[2]!), (lattice, kaldi, key) =>
      // Kaldi writes final strings as arcs of their own there: the paths are the same.
      expectPaths(boostLattice(lattice, model, references.get(key)!, { b: 0.1, silencePhones: [1] }), kaldi),
    );
  });
});

testShared('lattices of golden/hybrid (triphones, self-loops, priors) from the scores of tdnn.mdl', async () => {
  const bytes = readFileSync(shared('golden/hybrid/tdnn.mdl'));
  const model = modelOf('hybrid/tdnn.mdl');
  const priors = new KaldiInput(bytes.subarray(bytes.lastIndexOf('<Priors> ') + 9), {}, true).readVector();
  const graph = readFst(readFileSync(shared('golden/hmm/tri.HCLG.fst')));
  const decoder = new LatticeDecoder(graph, model, { acousticScale: 0.1, beam: 15, latticeBeam: 8, maxActive: 7000 });
  const [words, alignments] = [readIntTable('hybrid/tdnn.words.int'), readIntTable('hybrid/tdnn.ali.txt')];
  const scores = readMatrixTable('hybrid/tdnn.whole.ark');
  for (const [key, kaldi] of await lattices('hybrid/tdnn.lat.txt')) {
    const { rows, cols, data } = scores.get(key)!;
    const loglikes = { rows, cols, data: data.map((value, i) => value - Math.log(priors[i % cols]!)) };
    const { lattice, best } = decoder.decode(loglikes)!;
    expect([...best.words]).toEqual(words.get(key));
    expect([...best.alignment]).toEqual(alignments.get(key));
    // Costs are scaled here by ten: acoustic ones are as exact as floats of their size can be.
    expect(latticeDifference(lattice, kaldi, 2e-2)).toBeUndefined();
    const scale = { acousticScale: 0.1 };
    expectPosteriors(latticePosteriors(lattice, scale).posterior, latticePosteriors(kaldi, scale).posterior, 1e-4);
  }
});

test('a torn lattice is told', async () => {
  const text = new TextEncoder().encode('u \n0 1 1 1,1,3_4\n0 2 2 1,1,3\n1 2 3 1,1,5\n2 0,0,\n\n');
  for await (const [, lattice] of readCompactLattices(text))
    expect(() => latticePosteriors(lattice)).toThrow(/state 2 stands at frame \d and at \d/);
  const cyclic = new TextEncoder().encode('u \n0 1 1 1,1,3\n1 0 2 1,1,3\n1 0,0,\n\n');
  for await (const [, lattice] of readCompactLattices(cyclic))
    expect(() => nBest(lattice, 2)).toThrow(/state 0 lies on a cycle/);
});

testShared('a limit on size drops the worst paths, not the best', async () => {
  const model = modelOf('decode/final.mdl');
  const graph = readFst(readFileSync(shared('golden/decode/HCLG.fst')));
  const search = new LatticeSearch(graph, model.tidToPdf, { acousticScale: 1, beam: 15, latticeBeam: 8 });
  search.start();
  search.advance(readMatrixTable('noisy/loglikes.ark').get('george-t0000')!);
  const lattice = search.lattice()!;
  const [whole, small] = [
    determinizePruned(lattice, { beam: 8 }),
    determinizePruned(lattice, { beam: 8, maxArcs: 20 }),
  ];
  expect(small.numArcs).toBeLessThanOrEqual(20);
  expect(whole.numArcs).toBeGreaterThan(60);
  expect([...latticeBestPath(small)!.words]).toEqual([...latticeBestPath(whole)!.words]);
});
