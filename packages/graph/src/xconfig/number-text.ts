/**
 * A real number as Kaldi's xconfig scripts write it: the shortest text that reads back the same, with `.0` on whole
 * numbers and an exponent below 1e-4 and from 1e16 on (`1.0`, `0.66`, `1e-05`).
 */
export function realText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  const size = Math.abs(x);
  if (size === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  if (size < 1e-4 || size >= 1e16) {
    return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = String(x);
  return text.includes('.') ? text : `${text}.0`;
}

/** Reads a whole number as the scripts do; undefined where the text is none. */
export const parseWhole = (text: string): number | undefined =>
  /^\s*[+-]?\d+\s*$/.test(text) ? Number.parseInt(text, 10) : undefined;

/** Reads a real number; undefined where the text is none. */
export const parseReal = (text: string): number | undefined =>
  /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : undefined;
