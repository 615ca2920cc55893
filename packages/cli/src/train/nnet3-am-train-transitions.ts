import { countTransitions, updateTransitions } from '@jebena/hmm';
import { int32VectorHolder } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, float } from '@jebena/options';
import { readAcousticModel, writeModel } from '../graph/models.js';
import { readTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

/** Trains the transition model of an acoustic model from alignments, as Kaldi's program of this name does. */
export const program = defineProgram({
  name: 'nnet3-am-train-transitions',
  summary: 'Estimates the transition probabilities of an acoustic model, and its priors, from alignments.',
  usage: ['<nnet-in> <alignments-rspecifier> <nnet-out>'],
  options: defineOptions({
    binary: bool(true, 'Write the model in binary'),
    setPriors: bool(true, 'Set the priors to the shares of the pdfs in the alignments'),
    priorFloor: float(5e-6, 'Floor of these priors'),
    transitionFloor: float(0.01, 'Floor of transition probabilities'),
    transitionMinCount: float(5, 'States that were seen less often keep their probabilities'),
  }),
  args: [3, 3],
  run: async ([input, alignments, output], given, context) => {
    const model = await readAcousticModel(input!);
    const { transitions } = model;
    const counts = new Float64Array(transitions.numTransitionIds + 1);
    let done = 0;
    for await (const [, alignment] of readTable(int32VectorHolder, alignments!, context)) {
      countTransitions(transitions, [alignment]).forEach((count, tid) => (counts[tid]! += count));
      done++;
    }
    if (done === 0) throw new UsageError(`${alignments}: expected alignments, found none`);
    context.log(`Accumulated transition stats from ${done} utterances`);
    const trained = updateTransitions(transitions, counts, {
      floor: given.transitionFloor,
      minCount: given.transitionMinCount,
    });
    const priors = given.setPriors ? priorsOf(transitions, counts, given.priorFloor) : model.priors;
    await writeModel(output!, model.with({ transitions: trained, priors }), given.binary);
    context.log(`Trained transitions of neural network model and wrote it to ${output}`);
  },
});

/** The share of each pdf in the counts, none below a floor. */
function priorsOf(
  model: { readonly numPdfs: number; readonly tidToPdf: ArrayLike<number> },
  counts: Float64Array,
  floor: number,
): Float32Array {
  const pdfs = new Float64Array(model.numPdfs);
  for (let tid = 1; tid < counts.length; tid++) pdfs[model.tidToPdf[tid]!]! += counts[tid]!;
  const sum = pdfs.reduce((a, b) => a + b, 0);
  return Float32Array.from(pdfs, (count) => Math.max(floor, count / sum));
}
