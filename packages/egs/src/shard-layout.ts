import type { CompressedMatrix } from '@jebena/io-ark';
import { type Example, supervisionKind } from './example.js';
import type { ChunkTargets } from './minibatch.js';

/** Payloads start at multiples of it, so that they are viewed in place. */
export const align = (offset: number): number => (offset + 7) & ~7;

/** What examples of one structure share, so that each record holds nothing but payload. */
export interface ShardStructure {
  readonly inputs: readonly {
    readonly name: string;
    readonly first: number;
    readonly count: number;
    readonly stride: number;
    readonly cols: number;
    /** How features are held; `float` where they are not compressed. */
    readonly form: CompressedMatrix['compression'] | 'float';
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly first: number;
    readonly count: number;
    readonly stride: number;
    readonly kind: ChunkTargets['kind'];
    readonly dim: number;
    readonly weighted: boolean;
    /** Of supervision for LF-MMI: what must agree for graphs to be joined. */
    readonly supervision?: string;
  }[];
}

export const shardStructure = ({ inputs, outputs }: Example): ShardStructure => ({
  inputs: inputs.map(({ name, first, count, stride, source }) => {
    const form = 'compression' in source ? source.compression : 'float';
    return { name, first, count, stride, cols: source.cols, form };
  }),
  outputs: outputs.map(({ name, first, count, stride, targets, weights }) => {
    const { kind, dim } = targets;
    const structure = { name, first, count, stride, kind, dim, weighted: weights !== undefined };
    return kind === 'chain' ? { ...structure, supervision: supervisionKind(targets.supervision) } : structure;
  }),
});

/** The header of a shard: the index of its examples. */
export interface ShardHeader {
  readonly structures: readonly ShardStructure[];
  readonly keys: readonly string[];
  /** For each example, its structure. */
  readonly structure: Uint32Array;
  /** For each example, where its record starts, counted from the first payload; and, last, where they end. */
  readonly offset: Float64Array;
}

export const shardMagic = 'JEBEGS1\n';
