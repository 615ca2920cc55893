/** -log(exp(-a) + exp(-b)): the log semiring's sum of two costs. */
export function logAdd(a: number, b: number): number {
  if (a === Infinity) return b;
  if (b === Infinity) return a;
  return a < b ? a - Math.log1p(Math.exp(a - b)) : b - Math.log1p(Math.exp(b - a));
}

/** A semiring's sum: the lesser cost (tropical), or {@link logAdd}. */
export const plusOf = (semiring: 'tropical' | 'log'): ((a: number, b: number) => number) =>
  semiring === 'log' ? logAdd : Math.min;
