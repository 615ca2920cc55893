import { UsageError } from '@jebena/options';
import { type Example, inputMatrix } from './example.js';
import { sliceTargets } from './targets.js';

/**
 * The part of an example that one frame of its outputs needs, moved to time 0: what Kaldi trains feed-forward networks
 * on, another frame of each example in each pass (`nnet3-copy-egs --frame --left-context --right-context`).
 *
 * @param frame number of the frame among the example's
 * @throws UsageError where the example has no such frame, or too little context
 */
export function oneFrame(example: Example, frame: number, leftContext: number, rightContext: number): Example {
  const fail = (expected: string, found: string): never => {
    throw new UsageError(`example '${example.key}': expected ${expected}, found ${found}`);
  };
  const { first = 0, stride = 1, count = 0 } = example.outputs[0] ?? {};
  if (!(frame < count)) fail(`more than ${frame} frames`, `${count}`);
  const time = first + frame * stride;
  const frames = leftContext + 1 + rightContext;
  const inputs = example.inputs.map((io) => {
    // Vectors of an utterance have no times.
    if (io.count === 1 && io.first === 0 && count > 1) return io;
    const start = time - leftContext - io.first;
    if (start < 0 || start + frames > io.count)
      fail(`${leftContext} and ${rightContext} frames of context`, `times ${io.first} to ${io.first + io.count - 1}`);
    return { ...io, first: -leftContext, count: frames, source: inputMatrix(io), start };
  });
  const outputs = example.outputs.map(({ targets, ...io }) => {
    if (targets.kind === 'chain') return fail('targets of single frames', 'supervision for LF-MMI');
    const weights = io.weights?.slice(frame, frame + 1);
    return { ...io, first: 0, count: 1, stride: 1, targets: sliceTargets(targets, frame, 1, 1), weights };
  });
  return { ...example, inputs, outputs };
}
