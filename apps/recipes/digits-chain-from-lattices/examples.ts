import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignPhones } from '@jebena/decode';
import { chunks, EgsReport, type Example, numerators, withTargets } from '@jebena/egs';
import { type ContextTree, TransitionModel } from '@jebena/hmm';
import { KaldiInput, type Matrix } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import type { Item } from '@jebena/stream';
import { type CompactLattice, compactLatticeHolder, type Fst } from '@jebena/wfst';
import { pipe } from 'it-pipe';

/** Input frames for each output of the network. */
export const factor = 3;

export interface ExampleParts {
  /** Folder of what Kaldi's recipe made: tri_lats_train and the model of its transition ids. */
  readonly kaldi: string;
  readonly tree: ContextTree;
  readonly transitionModel: TransitionModel;
  readonly normalization: Fst;
  readonly leftContext: number;
  readonly rightContext: number;
  readonly seed: number;
}

/** Chunks of 140, 100 and 80 frames with what the lattices allow them to be; what fails is counted. */
export async function chainExamples(
  feats: readonly Item<Matrix>[],
  { kaldi, leftContext, rightContext, seed, ...graphs }: ExampleParts,
): Promise<{ examples: Example[]; report: EgsReport }> {
  const triphones = TransitionModel.read(new KaldiInput(readFileSync(join(kaldi, 'tri_ali_train', 'final.mdl'))));
  const report = new EgsReport();
  const lattices = await phoneLattices(kaldi, triphones);
  const examples: Example[] = [];
  const cut = pipe(
    feats,
    withTargets(numerators(lattices, { ...graphs, frameSubsamplingFactor: factor }), {
      frameSubsamplingFactor: factor,
      report,
    }),
    // A frame of context more on either side, for the passes in which frames are shifted.
    chunks({
      sizes: [140, 100, 80],
      leftContext: leftContext + 1,
      rightContext: rightContext + 1,
      frameSubsamplingFactor: factor,
      seed,
      report,
    }),
  );
  for await (const example of cut) examples.push(example);
  return { examples, report };
}

/** Numerator lattices whose arcs are whole phones. */
async function phoneLattices(kaldi: string, model: TransitionModel): Promise<Map<string, CompactLattice>> {
  const lattices = new Map<string, CompactLattice>();
  for (const job of [1, 2]) {
    const file = join(kaldi, 'tri_lats_train', `lat.${job}.gz`);
    for await (const [key, lattice] of readTable(compactLatticeHolder, `ark:${file}`))
      lattices.set(key, alignPhones(lattice, model, { replaceLabels: true }).lattice);
  }
  return lattices;
}

/**
 * The examples with features moved by so many frames against the targets: the outputs of a network that looks at every
 * third frame then come from other frames than before. The frame of context that a move uses up on one side is left out
 * on the other.
 */
export const shifted = (examples: readonly Example[], frames: number): Example[] =>
  examples.map((example) => ({
    ...example,
    inputs: example.inputs.map((input) => ({
      ...input,
      first: input.first + 1,
      count: input.count - 2,
      start: input.start + 1 - frames,
    })),
  }));
