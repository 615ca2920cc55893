import type { Matrix } from '@jebena/io-ark';
import { copyFrames, type Example } from './example.js';
import type { Minibatch, MinibatchInput, MinibatchOutput, Targets } from './minibatch.js';

/**
 * Merges examples of one structure into a minibatch; sequence n is example n. All data are copied, time-major.
 *
 * @param key name of the minibatch
 */
export function mergeExamples(examples: readonly Example[], key: string): Minibatch {
  const sequences = examples.length;
  const { inputs, outputs } = examples[0]!;
  return {
    key,
    sequences,
    inputs: inputs.map((_, io) => mergeInput(examples, io)),
    outputs: outputs.map((_, io) => mergeOutput(examples, io)),
  };
}

function mergeInput(examples: readonly Example[], io: number): MinibatchInput {
  const { name, first, count, stride, source } = examples[0]!.inputs[io]!;
  const sequences = examples.length;
  const { cols } = source;
  const data = new Float32Array(count * sequences * cols);
  examples.forEach((example, n) => copyFrames(example.inputs[io]!, data, n * cols, sequences * cols));
  return { name, first, count, stride, feats: { rows: count * sequences, cols, data } };
}

function mergeOutput(examples: readonly Example[], io: number): MinibatchOutput {
  const { name, first, count, stride } = examples[0]!.outputs[io]!;
  const parts = examples.map((e) => e.outputs[io]!);
  const targets = mergeTargets(
    parts.map((p) => p.targets),
    count,
  );
  if (!parts.some((p) => p.weights)) return { name, first, count, stride, targets };
  const weights = new Float32Array(count * parts.length).fill(1);
  parts.forEach((p, n) => p.weights?.forEach((w, i) => (weights[i * parts.length + n] = w)));
  return { name, first, count, stride, targets, weights };
}

function mergeTargets(parts: readonly Targets[], count: number): Targets {
  const first = parts[0]!;
  switch (first.kind) {
    case 'labels': {
      const labels = new Int32Array(count * parts.length);
      (parts as readonly (typeof first)[]).forEach((part, n) => {
        for (let i = 0; i < count; i++) labels[i * parts.length + n] = part.labels[i]!;
      });
      return { kind: 'labels', dim: first.dim, labels };
    }
    case 'posterior':
      return mergePosteriors(parts as readonly (typeof first)[], count);
    case 'dense': {
      const values = interleave(
        (parts as readonly (typeof first)[]).map((p) => p.values),
        count,
      );
      return { kind: 'dense', dim: first.dim, values };
    }
  }
}

function mergePosteriors(parts: readonly (Targets & { kind: 'posterior' })[], count: number): Targets {
  const rowStart = new Int32Array(count * parts.length + 1);
  let total = 0;
  for (const { rowStart: starts } of parts) total += starts[count]! - starts[0]!;
  const labels = new Int32Array(total);
  const weights = new Float32Array(total);
  let at = 0;
  for (let i = 0, row = 0; i < count; i++) {
    for (const part of parts) {
      for (let k = part.rowStart[i]!; k < part.rowStart[i + 1]!; k++, at++) {
        labels[at] = part.labels[k]!;
        weights[at] = part.weights[k]!;
      }
      rowStart[++row] = at;
    }
  }
  return { kind: 'posterior', dim: parts[0]!.dim, rowStart, labels, weights };
}

function interleave(parts: readonly Matrix[], count: number): Matrix {
  const { cols } = parts[0]!;
  const data = new Float32Array(count * parts.length * cols);
  parts.forEach(({ data: values }, n) => {
    for (let i = 0; i < count; i++) data.set(values.subarray(i * cols, (i + 1) * cols), (i * parts.length + n) * cols);
  });
  return { rows: count * parts.length, cols, data };
}
