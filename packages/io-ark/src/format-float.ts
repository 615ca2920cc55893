/**
 * A number as C++ streams print it with precision 7 (`%.7g`), which is what Kaldi's text files hold
 * (InitKaldiOutputStream in base/io-funcs-inl.h).
 */
export function formatFloat(value: number, precision: number = 7): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, power] = value.toExponential(precision - 1).split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= precision) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${trimZeros(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return trimZeros(value.toFixed(precision - 1 - exponent));
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
