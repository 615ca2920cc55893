import { type LeftOver, Merger } from './merger.js';
import { Random } from './random.js';
import type { ShardHeader, ShardStructure } from './shard-layout.js';

export interface PlanOptions {
  /** Kaldi's grammar, such as `'128,64'`. */
  readonly rule: string | number;
  /** What becomes of examples that fill no minibatch. Default `merge`. */
  readonly leftOver?: Exclude<LeftOver, 'keep'> | undefined;
  /** Shuffles the examples of all shards, and the minibatches; absent: in the order written. */
  readonly seed?: number | undefined;
  /** Counts as the size of every example; absent: the frames of its longest input or output. */
  readonly size?: number | undefined;
}

/** An example of a list of shards. */
export interface ExamplePlace {
  readonly shard: number;
  readonly index: number;
}

/** Which examples stand in which minibatch. */
export type MinibatchPlan = readonly (readonly ExamplePlace[])[];

const range = (io: { name: string; first: number; count: number; stride: number }, kind: string, dim: number): string =>
  `${io.name} ${io.first} ${io.count} ${io.stride} ${kind} ${dim};`;

const keyOf = ({ inputs, outputs }: ShardStructure): string =>
  inputs.map((io) => range(io, 'in', io.cols)).join('') +
  outputs.map((io) => range(io, io.supervision ?? io.kind, io.dim)).join('');

const sizeOf = ({ inputs, outputs }: ShardStructure): number =>
  Math.max(...[...inputs, ...outputs].map((io) => io.count));

/**
 * Plans the minibatches of shards from their headers alone: a full shuffle and a merge by structure, before any
 * example is read. So any minibatch can be made by itself, by any worker, and a run can begin at any of them.
 */
export function planMinibatches(
  headers: readonly Pick<ShardHeader, 'structures' | 'structure'>[],
  { rule, leftOver = 'merge', seed, size }: PlanOptions,
): MinibatchPlan {
  const random = seed === undefined ? undefined : Random.of(seed, 'plan');
  interface Planned extends ExamplePlace {
    readonly kind: string;
    readonly size: number;
  }
  const examples = headers.flatMap(({ structures, structure }, shard) => {
    const kinds = structures.map((one) => ({ kind: keyOf(one), size: size ?? sizeOf(one) }));
    return Array.from(structure, (number, index): Planned => ({ shard, index, ...kinds[number]! }));
  });
  random?.shuffle(examples);
  const merger = new Merger<Planned, readonly ExamplePlace[]>(
    {
      keyOf: ({ shard, index }) => `example ${index} of shard ${shard}`,
      structureOf: (example) => example.kind,
      sizeOf: (example) => example.size,
      merge: (group) => group.map(({ shard, index }) => ({ shard, index })),
    },
    // What is dropped here was asked for: it is no problem of one example.
    { rule, leftOver: leftOver === 'drop' ? 'keep' : leftOver },
  );
  const plan: (readonly ExamplePlace[])[] = [];
  for (const example of examples) plan.push(...merger.push(example));
  plan.push(...merger.flush());
  // Those that were left over for the end, mostly small ones, are spread among the others.
  random?.shuffle(plan);
  return plan;
}
