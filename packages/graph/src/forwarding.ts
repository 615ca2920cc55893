import type { Forwarding } from './descriptor.js';
import { extraOf, type Index, index, shift, timeOf } from './indexes.js';

export interface Source {
  readonly node: string;
  readonly scale: number;
  readonly index: Index;
}

const modulo = (a: number, m: number): number => ((a % m) + m) % m;

/** The node and index that a source reads for an index of its reader. */
export function sourceOf(f: Forwarding, at: Index): Source {
  switch (f.kind) {
    case 'node':
      return { node: f.node, scale: f.scale, index: at };
    case 'offset':
      return sourceOf(f.of, shift(at, f.t, f.x));
    case 'switch':
      return sourceOf(f.of[modulo(timeOf(at), f.of.length)]!, at);
    case 'round': {
      const t = timeOf(at);
      return sourceOf(f.of, index(t - modulo(t, f.modulus), extraOf(at)));
    }
    case 'replace':
      return sourceOf(f.of, f.variable === 't' ? index(f.value, extraOf(at)) : index(timeOf(at), f.value));
  }
}
