import { readFileSync } from 'node:fs';
import { BeamSearch, LatticeDecoder, nBest, pruneLattice, SearchGraph } from '@jebena/decode';
import { AcousticModel } from '@jebena/graph';
import type { TransitionModel } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { type CompactLattice, readFst } from '@jebena/wfst';
import { beforeAll, expect } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

const options = { beam: 15, acousticScale: 1, allowPartial: true } as const;
let model: TransitionModel;
let graph: SearchGraph;

beforeAll(() => {
  const at = (name: string): Uint8Array => readFileSync(shared('golden/decode', name));
  model = AcousticModel.fromBytes(at('final.mdl')).transitions;
  graph = new SearchGraph(readFst(at('HCLG.fst')), model.tidToPdf);
});

/** What a network says that has learned next to nothing: all pdfs are about as likely, so that paths abound. */
function nearlyUniform(frames: number): Matrix {
  const cols = model.numPdfs;
  let state = 1;
  const data = Float32Array.from({ length: frames * cols }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return 0.1 * (state / 2 ** 32 - 0.5);
  });
  return { rows: frames, cols, data };
}

/** All paths of a lattice, words and cost, the best first. */
const paths = (lattice: CompactLattice): string[] =>
  nBest(lattice, 100_000)
    .map(({ words, graphCost, acousticCost }) => `${words.join(' ')} ${(graphCost + acousticCost).toFixed(2)}`)
    .sort();

test('a limit of memory leaves out the worst paths, and says up to which beam all are there', () => {
  const scores = nearlyUniform(16);
  const all = new LatticeDecoder(graph, model, { ...options, latticeBeam: 7, maxMem: 0 }).decode(scores)!;
  expect(all.latticeBeam).toBe(7);
  const some = new LatticeDecoder(graph, model, { ...options, latticeBeam: 7, maxMem: 100_000 }).decode(scores)!;
  expect(some.latticeBeam).toBeLessThan(7);
  expect(some.latticeBeam).toBeGreaterThan(1);
  expect(some.lattice.numArcs).toBeLessThan(all.lattice.numArcs);
  const within = (lattice: CompactLattice): string[] => paths(pruneLattice(lattice, some.latticeBeam - 1e-3));
  expect(within(some.lattice).length).toBeGreaterThan(1);
  expect(within(some.lattice)).toEqual(within(all.lattice));
});

test('scores that say nothing end within the memory that is allowed', () => {
  const scores = nearlyUniform(60);
  const maxMem = 1_000_000;
  const found = new LatticeDecoder(graph, model, { ...options, latticeBeam: 10, maxMem }).decode(scores)!;
  expect(found.latticeBeam).toBeLessThan(10);
  expect(32 * found.lattice.numArcs + 24 * found.lattice.numStates).toBeLessThan(maxMem);
  const search = new BeamSearch(graph, model.tidToPdf, { beam: 15, acousticScale: 1 });
  search.start();
  search.advance(scores);
  expect(found.best.graphCost + found.best.acousticCost).toBeCloseTo(search.bestPath()!.cost, 3);
});
