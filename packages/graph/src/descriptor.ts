import { formatFloat } from '@jebena/io-ark';

/** One source of rows: a node, scaled, at another time. */
export type Forwarding =
  | { readonly kind: 'node'; readonly node: string; readonly scale: number }
  | { readonly kind: 'offset'; readonly of: Forwarding; readonly t: number; readonly x: number }
  | { readonly kind: 'switch'; readonly of: readonly Forwarding[] }
  | { readonly kind: 'round'; readonly of: Forwarding; readonly modulus: number }
  | { readonly kind: 'replace'; readonly of: Forwarding; readonly variable: 't' | 'x'; readonly value: number };

/** A sum of sources of one dimension. */
export type SumDescriptor =
  | Forwarding
  | { readonly kind: 'sum'; readonly a: SumDescriptor; readonly b: SumDescriptor }
  | { readonly kind: 'failover'; readonly a: SumDescriptor; readonly b: SumDescriptor }
  | { readonly kind: 'ifDefined'; readonly of: SumDescriptor }
  | { readonly kind: 'const'; readonly value: number; readonly dim: number };

/**
 * What a node reads: parts side by side, each a sum of sources. This is the normal form (Append outside, time
 * shifts inside the sums) that Kaldi stores and writes (nnet-descriptor.h).
 */
export type Descriptor = readonly SumDescriptor[];

export const isForwarding = (d: SumDescriptor): d is Forwarding =>
  d.kind === 'node' || d.kind === 'offset' || d.kind === 'switch' || d.kind === 'round' || d.kind === 'replace';

const list = (parts: readonly SumDescriptor[]): string => parts.map(sumText).join(', ');

function sumText(d: SumDescriptor): string {
  switch (d.kind) {
    case 'node':
      return d.scale === 1 ? d.node : `Scale(${formatFloat(Math.fround(d.scale), 6)}, ${d.node})`;
    case 'offset':
      return `Offset(${sumText(d.of)}, ${d.t}${d.x ? `, ${d.x}` : ''})`;
    case 'switch':
      return `Switch(${list(d.of)})`;
    case 'round':
      return `Round(${sumText(d.of)}, ${d.modulus})`;
    case 'replace':
      return `ReplaceIndex(${sumText(d.of)}, ${d.variable}, ${d.value})`;
    case 'sum':
      return `Sum(${sumText(d.a)}, ${sumText(d.b)})`;
    case 'failover':
      return `Failover(${sumText(d.a)}, ${sumText(d.b)})`;
    case 'ifDefined':
      return `IfDefined(${sumText(d.of)})`;
    case 'const':
      return `Const(${formatFloat(Math.fround(d.value), 6)}, ${d.dim})`;
  }
}

/** A descriptor as Kaldi writes it. */
export const descriptorText = (d: Descriptor): string => (d.length === 1 ? sumText(d[0]!) : `Append(${list(d)})`);

/** Calls `visit` on every node a descriptor reads. */
export function visitNodes(d: Descriptor, visit: (node: string) => void): void {
  for (const part of d) visitSum(part, visit);
}

function visitSum(d: SumDescriptor, visit: (node: string) => void): void {
  switch (d.kind) {
    case 'node':
      return visit(d.node);
    case 'switch':
      for (const of of d.of) visitSum(of, visit);
      return;
    case 'sum':
    case 'failover':
      visitSum(d.a, visit);
      return visitSum(d.b, visit);
    case 'const':
      return;
    default:
      return visitSum(d.of, visit);
  }
}

/** The same descriptor with other node names. */
export function renameNodes(d: Descriptor, rename: (node: string) => string): Descriptor {
  const map = (s: SumDescriptor): any => {
    switch (s.kind) {
      case 'node':
        return { ...s, node: rename(s.node) };
      case 'switch':
        return { ...s, of: s.of.map(map) };
      case 'sum':
      case 'failover':
        return { ...s, a: map(s.a), b: map(s.b) };
      case 'const':
        return s;
      default:
        return { ...s, of: map(s.of) };
    }
  };
  return d.map(map);
}
