const special: Record<string, number> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
  nan: NaN,
  '-nan': NaN,
};

/** A number as C++ prints it, or undefined. */
export function parseNumber(text: string): number | undefined {
  if (text === '') return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? special[text.toLowerCase()] : value;
}
