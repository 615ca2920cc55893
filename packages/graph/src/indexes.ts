/**
 * Which rows a node has. An index is a time t and (rarely) an extra x, held in one number that sorts by t, then x;
 * each stands for a block of rows, one for every sequence.
 */
export type Index = number;

const span = 65536;

export const index = (t: number, x = 0): Index => t * span + x;
export const timeOf = (i: Index): number => Math.floor((i + span / 2) / span);
export const extraOf = (i: Index): number => i - timeOf(i) * span;
export const shift = (i: Index, t: number, x = 0): Index => i + t * span + x;

export const indexText = (i: Index): string => (extraOf(i) ? `t=${timeOf(i)}, x=${extraOf(i)}` : `t=${timeOf(i)}`);

/** Sorted, each once. */
export function sortedIndexes(indexes: Iterable<Index>): Index[] {
  const list = [...indexes];
  let sorted = true;
  for (let i = 1; i < list.length && sorted; i++) sorted = list[i - 1]! < list[i]!;
  return sorted ? list : [...new Set(list)].sort((a, b) => a - b);
}
