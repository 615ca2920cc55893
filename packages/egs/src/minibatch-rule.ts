import { UsageError } from '@jebena/options';

/** Sizes that a minibatch may have, in number of examples. */
export interface SizeSet {
  /** The size wanted while there is more to come. */
  readonly largest: number;
  /** The largest allowed size up to `available`, 0 when there is none. */
  readonly fit: (available: number) => number;
}

/** A minibatch rule, read: which sizes examples of a given size are merged in. */
export interface MinibatchRule {
  readonly text: string;
  /** Sizes for examples of `egSize` frames; the rule of the nearest example size holds. */
  readonly sizesFor: (egSize: number) => SizeSet;
}

const grammar = `expected sizes such as '64', '128,64', '1:64' or '150=64,32/90=128:256'`;

/**
 * Reads Kaldi's grammar of minibatch sizes (ExampleMergingConfig): rules `<example size>=<sizes>` divided by `/`,
 * sizes `n` or `from:to` divided by `,`; without `=`, one set of sizes for all examples.
 *
 * @throws UsageError saying which part is wrong
 */
export function parseMinibatchRule(rule: string | number): MinibatchRule {
  const text = String(rule).trim();
  const rules = text.split('/').map((part) => {
    const [left, right, ...more] = part.split('=');
    if (more.length > 0) return bad(text, part);
    if (right === undefined) return { egSize: undefined, sizes: parseSizes(text, left!) };
    return { egSize: whole(text, left!), sizes: parseSizes(text, right) };
  });
  const general = rules.find((r) => r.egSize === undefined);
  if (general && rules.length > 1) bad(text, 'a rule without an example size beside others');
  return {
    text,
    sizesFor: (egSize) => {
      let nearest = rules[0]!;
      const distance = (r: typeof nearest): number => Math.abs((r.egSize ?? egSize) - egSize);
      for (const r of rules) if (distance(r) < distance(nearest)) nearest = r;
      return nearest.sizes;
    },
  };
}

function parseSizes(rule: string, text: string): SizeSet {
  const ranges = text.split(',').map((part) => {
    const [from, to, ...more] = part.split(':').map((n) => whole(rule, n));
    if (more.length > 0 || (to !== undefined && to < from!)) return bad(rule, part);
    return { from: from!, to: to ?? from! };
  });
  return {
    largest: Math.max(...ranges.map((r) => r.to)),
    fit: (available) => Math.max(0, ...ranges.map((r) => (r.from <= available ? Math.min(r.to, available) : 0))),
  };
}

function whole(rule: string, text: string): number {
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  return value > 0 ? value : bad(rule, text);
}

function bad(rule: string, part: string): never {
  throw new UsageError(`minibatch rule '${rule}': ${grammar}, found '${part}'`);
}
