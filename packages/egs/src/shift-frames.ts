import type { Example } from './example.js';

/**
 * Moves the times of an example's inputs by `shift` frames; outputs stay at the nearest multiple of their stride,
 * i-vectors where they are. A network that looks at every third frame thus learns from the others, too: Kaldi's new data
 * of old ones (`nnet3-chain-copy-egs --frame-shift`). The inputs must hold half a stride of context to spare.
 */
export function shiftFrames(example: Example, shift: number): Example {
  if (shift === 0) return example;
  const { stride = 1 } = example.outputs[0] ?? {};
  const outputShift = stride * Math.floor(0.5 + shift / stride);
  return {
    ...example,
    inputs: example.inputs.map((io) => (io.name === 'ivector' ? io : { ...io, first: io.first + shift })),
    outputs: example.outputs.map((io) => ({ ...io, first: io.first + outputShift })),
  };
}
