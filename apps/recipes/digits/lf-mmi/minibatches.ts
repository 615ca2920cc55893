import type { Minibatch } from '@jebena/egs';
import type { Random } from '@jebena/features';
import type { Network } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import type { Language } from '../language.js';
import type { ChainGraphs } from './chain-graphs.js';
import type { DrawnString } from './draw-strings.js';

/** Frames of a minibatch, about. */
const batchFrames = 1500;

/** In another order, by draws. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** Strings of one length together, of all speakers, in an order that is drawn. */
export function groupByLength(random: Random, strings: readonly DrawnString[]): DrawnString[][] {
  const byLength = new Map<number, DrawnString[]>();
  // Batch normalisation must not see one speaker alone.
  for (const s of shuffled(random, strings)) byLength.set(s.feats.rows, [...(byLength.get(s.feats.rows) ?? []), s]);
  const groups = [...byLength].flatMap(([rows, list]) => {
    const size = Math.max(1, Math.round(batchFrames / rows));
    return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
  });
  return shuffled(random, groups);
}

/**
 * A minibatch of whole strings of one length. Beyond a string's edges its first and last frames are repeated, as they
 * are when it is recognised.
 */
export function chainMinibatchOf(
  key: string,
  strings: readonly DrawnString[],
  { leftContext, rightContext }: Network,
  { frameSubsamplingFactor, transitionModel }: Language,
  { numerator }: ChainGraphs,
): Minibatch {
  const sequences = strings.length;
  const { rows, cols } = strings[0]!.feats;
  const outputs = Math.ceil(rows / frameSubsamplingFactor);
  const count = leftContext + (outputs - 1) * frameSubsamplingFactor + 1 + rightContext;
  const feats: Matrix = { rows: count * sequences, cols, data: new Float32Array(count * sequences * cols) };
  strings.forEach(({ feats: { data } }, n) => {
    for (let i = 0; i < count; i++) {
      const t = Math.min(rows - 1, Math.max(0, i - leftContext));
      (feats.data as Float32Array).set(
        data.subarray(t * cols, (t + 1) * cols) as Float32Array,
        (i * sequences + n) * cols,
      );
    }
  });
  const dim = transitionModel.numPdfs;
  const supervision = {
    weight: 1,
    numSequences: sequences,
    framesPerSequence: outputs,
    labelDim: dim,
    e2eFsts: strings.map(({ words }) => numerator(words)),
  };
  return {
    key,
    sequences,
    inputs: [{ name: 'input', first: -leftContext, count, stride: 1, feats }],
    outputs: [
      {
        name: 'output',
        first: 0,
        count: outputs,
        stride: frameSubsamplingFactor,
        targets: { kind: 'chain', dim, supervision },
      },
    ],
  };
}
