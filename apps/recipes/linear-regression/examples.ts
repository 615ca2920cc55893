import { fromNnetExample, mergeExamples, type Minibatch, nnetExampleHolder, toNnetExample } from '@jebena/egs';
import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { line, type Pair } from './generator.js';

/** An example of one frame, in the text form that Kaldi's programs read and write. */
export function exampleText(key: string, pair: Pair): string {
  const io = { first: 0, count: 1, stride: 1 };
  const example = {
    key,
    inputs: [{ ...io, name: 'input', source: { rows: 1, cols: 2, data: Float32Array.from(pair) }, start: 0 }],
    outputs: [
      {
        ...io,
        name: 'output',
        targets: { kind: 'dense' as const, dim: 1, values: { rows: 1, cols: 1, data: Float32Array.of(line(pair)) } },
      },
    ],
  };
  const output = new KaldiOutput({ binary: false });
  nnetExampleHolder.write(output, toNnetExample(example, { compress: false }));
  return new TextDecoder().decode(output.bytes());
}

/** A minibatch of one example, read from its text. */
export function minibatchOf(key: string, text: string): Minibatch {
  const example = nnetExampleHolder.read(new KaldiInput(new TextEncoder().encode(text), { path: key }, false));
  return mergeExamples([fromNnetExample(key, example)], key);
}
