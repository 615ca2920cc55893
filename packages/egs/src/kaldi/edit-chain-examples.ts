import { filterTimes, moved, type SelectOptions, timeSpan } from './edit-examples.js';
import type { NnetChainExample } from './nnet-chain-example.js';

/** Frames of input for each output frame; 1 where there is but one. */
export function chainSubsamplingFactor({ outputs }: NnetChainExample): number {
  const { t } = outputs[0]!.indexes;
  const later = t.find((time) => time > t[0]!);
  return later === undefined ? 1 : later - t[0]!;
}

/**
 * Moves inputs by `shift` frames; outputs stay at the nearest multiple of the frame subsampling factor, i-vectors
 * where they are. This is how `--frame-shift` makes new data of old ones.
 */
export function shiftChainTimes(example: NnetChainExample, shift: number): NnetChainExample {
  const factor = chainSubsamplingFactor(example);
  const outputShift = factor * Math.floor(0.5 + shift / factor);
  return {
    inputs: example.inputs.map((io) => (io.name === 'ivector' ? io : { ...io, indexes: moved(io.indexes, shift) })),
    outputs: example.outputs.map((one) => ({ ...one, indexes: moved(one.indexes, outputShift) })),
  };
}

/**
 * Keeps less context.
 *
 * @throws RangeError for a merged example
 */
export function trimChainContext(
  example: NnetChainExample,
  { leftContext = -1, rightContext = -1 }: Omit<SelectOptions, 'frame'>,
): NnetChainExample {
  const span = timeSpan(example.inputs, example.outputs);
  const end = span.lastOutput + chainSubsamplingFactor(example) - 1;
  const first = leftContext >= 0 ? Math.max(span.firstInput, span.firstOutput - leftContext) : span.firstInput;
  const last = rightContext >= 0 ? Math.min(span.lastInput, end + rightContext) : span.lastInput;
  return { ...example, inputs: example.inputs.map((io) => filterTimes(io, first, last)) };
}

/** Sets the weights of the first and last `frames` outputs of each sequence to 0. */
export function truncateDerivWeights(example: NnetChainExample, frames: number): NnetChainExample {
  const outputs = example.outputs.map((one) => {
    const rows = one.indexes.t.length;
    const derivWeights = one.derivWeights.length > 0 ? one.derivWeights.slice() : new Float32Array(rows).fill(1);
    const { numSequences, framesPerSequence } = one.supervision;
    // Rows are ordered by time, then by sequence.
    derivWeights.fill(0, 0, Math.min(frames, framesPerSequence) * numSequences);
    derivWeights.fill(0, Math.max(0, framesPerSequence - frames) * numSequences);
    return { ...one, derivWeights };
  });
  return { ...example, outputs };
}

/** Scales the weight of the supervision of the output named `output`. */
export const scaleSupervision = (example: NnetChainExample, weight: number): NnetChainExample => ({
  ...example,
  outputs: example.outputs.map((one) =>
    one.name === 'output'
      ? { ...one, supervision: { ...one.supervision, weight: one.supervision.weight * weight } }
      : one,
  ),
});

/** Gives the output named `output` another name. */
export const renameChainOutput = (example: NnetChainExample, name: string): NnetChainExample => ({
  ...example,
  outputs: example.outputs.map((one) => (one.name === 'output' ? { ...one, name } : one)),
});
