import { expect } from 'vitest';
import { type Fst, logAdd } from '@jebena/wfst';

/**
 * What an acyclic transducer means, by walking every path: the cost of each pair of strings, the least one or the
 * log semiring's sum.
 */
export function relation(fst: Fst, semiring = fst.semiring): Map<string, number> {
  const costs = new Map<string, number>();
  const walk = (s: number, input: string, output: string, cost: number): void => {
    if (fst.isFinal(s)) {
      const key = `${input}:${output}`;
      const before = costs.get(key) ?? Infinity;
      const total = cost + fst.final[s]!;
      costs.set(key, semiring === 'log' ? logAdd(before, total) : Math.min(before, total));
    }
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const [il, ol] = [fst.ilabel[a]!, fst.olabel[a]!];
      walk(fst.nextState[a]!, il ? `${input} ${il}` : input, ol ? `${output} ${ol}` : output, cost + fst.weight[a]!);
    }
  };
  if (fst.start >= 0) walk(fst.start, '', '', 0);
  return costs;
}

export function expectSameRelation(a: Map<string, number>, b: Map<string, number>, tolerance = 1e-4): void {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [key, cost] of a) expect(Math.abs(cost - b.get(key)!)).toBeLessThanOrEqual(tolerance);
}

/** Cost of each pair of strings under x to z over all y, from two relations. */
export function composedRelation(a: Map<string, number>, b: Map<string, number>): Map<string, number> {
  const costs = new Map<string, number>();
  for (const [xy, cost] of a)
    for (const [yz, more] of b) {
      const [[x, y], [y2, z]] = [xy.split(':'), yz.split(':')];
      if (y === y2) costs.set(`${x}:${z}`, Math.min(costs.get(`${x}:${z}`) ?? Infinity, cost + more));
    }
  return costs;
}
