import { mergeSupervisions } from '@jebena/chain';
import { compress, type GeneralMatrix, isSparse, type Matrix, sparseMatrix, toMatrix } from '@jebena/io-ark';
import type { Mergeable } from '../merger.js';
import type { Indexes } from './index-vector.js';
import {
  type NnetChainExample,
  nnetChainExampleSize,
  nnetChainExampleStructure,
  type NnetChainSupervision,
} from './nnet-chain-example.js';
import { type NnetExample, nnetExampleSize, nnetExampleStructure } from './nnet-example.js';
import type { NnetIo } from './nnet-io.js';

export interface MergeNnetOptions {
  /** Compress the merged features; they are full otherwise. */
  readonly compress?: boolean;
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Merges examples of one structure as Kaldi does: example after example, sequence n being example n. */
export function mergeNnetExamples(examples: readonly NnetExample[], options: MergeNnetOptions = {}): NnetExample {
  return {
    io: mergeIos(
      examples.map((e) => e.io),
      options,
    ),
  };
}

/** Merges chain examples of one structure; rows of outputs are ordered by time, then by sequence. */
export function mergeNnetChainExamples(
  examples: readonly NnetChainExample[],
  options: MergeNnetOptions = {},
): NnetChainExample {
  const inputs = mergeIos(
    examples.map((e) => e.inputs),
    options,
  );
  const outputs = examples[0]!.outputs.map((_, i) => mergeOutputs(examples.map((e) => e.outputs[i]!)));
  return { inputs, outputs };
}

function mergeIos(all: readonly (readonly NnetIo[])[], options: MergeNnetOptions): NnetIo[] {
  const sorted = all.map((io) => [...io].sort(byName));
  return sorted[0]!.map(({ name }, i) => {
    const parts = sorted.map((io) => io[i]!);
    const indexes = joinIndexes(parts.map((p) => p.indexes));
    return {
      name,
      indexes,
      features: joinRows(
        parts.map((p) => p.features),
        options,
      ),
    };
  });
}

function joinIndexes(parts: readonly Indexes[]): Indexes {
  const join = (field: keyof Indexes): Int32Array => {
    const joined = new Int32Array(parts.reduce((sum, p) => sum + p.n.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part[field], at);
      at += part.n.length;
    }
    return joined;
  };
  let at = 0;
  const n = join('n');
  parts.forEach((part, i) => n.fill(i, at, (at += part.n.length)));
  return { n, t: join('t'), x: join('x') };
}

function joinRows(parts: readonly GeneralMatrix[], options: MergeNnetOptions): GeneralMatrix {
  if (parts.every(isSparse)) return sparseMatrix(parts.flatMap((p) => p.vectors));
  const full = parts.map(toMatrix);
  const rows = full.reduce((sum, m) => sum + m.rows, 0);
  const joined: Matrix = { rows, cols: full[0]!.cols, data: new Float32Array(rows * full[0]!.cols) };
  let at = 0;
  for (const { data } of full) {
    joined.data.set(data, at);
    at += data.length;
  }
  return options.compress ? compress(joined) : joined;
}

function mergeOutputs(parts: readonly NnetChainSupervision[]): NnetChainSupervision {
  const { name } = parts[0]!;
  const joined = joinIndexes(parts.map((p) => p.indexes));
  const order = Array.from(joined.n, (_, i) => i).sort(
    (a, b) => joined.t[a]! - joined.t[b]! || joined.n[a]! - joined.n[b]!,
  );
  const sort = (field: keyof Indexes): Int32Array => Int32Array.from(order, (i) => joined[field][i]!);
  const weights = parts.flatMap((p) => Array.from(p.derivWeights));
  return {
    name,
    indexes: { n: sort('n'), t: sort('t'), x: sort('x') },
    supervision: mergeSupervisions(parts.map((p) => p.supervision)),
    derivWeights: weights.length > 0 ? Float32Array.from(order, (i) => weights[i]!) : new Float32Array(0),
  };
}

type Keyed<E> = readonly [key: string, example: E];

/** How Kaldi's examples, as table items, are merged: `merged-<index>-<examples>`. */
const mergeable =
  <E>(
    structureOf: (example: E) => string,
    sizeOf: (example: E) => number,
    merge: (examples: readonly E[], options: MergeNnetOptions) => E,
  ) =>
  (options: MergeNnetOptions = {}): Mergeable<Keyed<E>, Keyed<E>> => ({
    keyOf: ([key]) => key,
    structureOf: ([, example]) => structureOf(example),
    sizeOf: ([, example]) => sizeOf(example),
    merge: (items, index) => [
      `merged-${index}-${items.length}`,
      merge(
        items.map(([, e]) => e),
        options,
      ),
    ],
  });

export const mergeableNnetExamples: (options?: MergeNnetOptions) => Mergeable<Keyed<NnetExample>, Keyed<NnetExample>> =
  mergeable(nnetExampleStructure, nnetExampleSize, mergeNnetExamples);

export const mergeableNnetChainExamples: (
  options?: MergeNnetOptions,
) => Mergeable<Keyed<NnetChainExample>, Keyed<NnetChainExample>> = mergeable(
  nnetChainExampleStructure,
  nnetChainExampleSize,
  mergeNnetChainExamples,
);
