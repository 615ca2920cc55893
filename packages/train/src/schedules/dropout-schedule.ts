/** A dropout proportion for a component at a point of a run; undefined where no pattern names the component. */
export type DropoutSchedule = (component: string, fraction: number) => number | undefined;

interface Item {
  readonly pattern: RegExp;
  readonly points: readonly (readonly [fraction: number, proportion: number])[];
}

/**
 * Reads Kaldi's --trainer.dropout-schedule: proportions with the fraction of the data at which each holds, straight
 * lines between. `0,0.5@0.3,0` starts with none, reaches 0.5 after 0.3 of the data and ends with none. A middle one
 * without `@` stands at 0.5. Items `pattern=schedule` name components by a glob; the later of two that match wins.
 *
 * @throws RangeError that says which part cannot be read
 * @example
 * ```ts
 * const dropout = parseDropoutSchedule('0,0.2@0.5,0');
 * dropout('lstm1.dropout', 0.25); // 0.1
 * ```
 */
export function parseDropoutSchedule(text: string): DropoutSchedule {
  const items = text
    .trim()
    .split(/\s+/)
    .map((item) => parseItem(item));
  return (component, fraction) => {
    const item = items.filter((i) => i.pattern.test(component)).at(-1);
    return item && between(item.points, fraction);
  };
}

function parseItem(item: string): Item {
  const [glob, schedule] = item.includes('=') ? (item.split('=', 2) as [string, string]) : ['*', item];
  const pattern = new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  const parts = schedule.split(',');
  const fail = (expected: string): never => {
    throw new RangeError(`dropout schedule '${item}': expected ${expected}`);
  };
  if (parts.length < 2) fail('a first and a last proportion');
  const points = parts.map((part, i) => {
    const [value, at] = part.split('@');
    const proportion = value ? Number(value) : Number.NaN;
    const ends = i === 0 ? 0 : i === parts.length - 1 ? 1 : undefined;
    const fraction = at === undefined ? (ends ?? 0.5) : Number(at);
    if (!(proportion >= 0 && proportion <= 1)) fail(`proportions in [0, 1], found '${part}'`);
    if (!(fraction >= 0 && fraction <= 1)) fail(`fractions in [0, 1], found '${part}'`);
    if (ends !== undefined && fraction !== ends)
      fail(`the ${i === 0 ? 'first' : 'last'} one at ${ends}, found '${part}'`);
    return [fraction, proportion] as const;
  });
  if (points.some(([fraction], i) => i > 0 && fraction < points[i - 1]![0])) fail('fractions that grow');
  return { pattern, points };
}

function between(points: Item['points'], fraction: number): number {
  const f = Math.min(1, Math.max(0, fraction));
  for (let i = 1; i < points.length; i++) {
    const [from, low] = points[i - 1]!;
    const [to, high] = points[i]!;
    if (f <= to) return to === from ? high : low + ((high - low) * (f - from)) / (to - from);
  }
  return points.at(-1)![1];
}
