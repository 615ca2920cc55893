/**
 * A number as C++ streams print it with precision 7 (`%.7g`), which is what Kaldi's text files hold
 * (InitKaldiOutputStream in base/io-funcs-inl.h).
 */
export function formatFloat(value: number, precision: number = 7): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, power] = roundToEven(value, precision)
    .toExponential(precision - 1)
    .split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= precision) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${trimZeros(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return trimZeros(shifted(digits, exponent));
}

/**
 * JavaScript rounds a tie away from zero and C++ to an even digit; a tie is a value that has just one digit more, a 5.
 * A neighbour of the value then stands for it.
 */
function roundToEven(value: number, precision: number): number {
  const shortest = value.toExponential();
  const e = shortest.indexOf('e');
  if (shortest[e - 1] !== '5' || shortest.replace(/e.*|[-.]/g, '').length !== precision + 1) return value;
  // Twenty digits more tell a true tie from a value that is only printed as one.
  const [digits] = value
    .toExponential(precision + 20)
    .replace(/[-.]/g, '')
    .split('e') as [string];
  const even = Number(digits[precision - 1]) % 2 === 0;
  return even && /^50*$/.test(digits.slice(precision)) ? value * (1 - Number.EPSILON) : value;
}

/** `d.ddd` with its point moved to the place of the exponent. */
function shifted(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const plain = digits.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`;
  return `${sign}${plain.slice(0, exponent + 1)}.${plain.slice(exponent + 1)}`;
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0*$/, '') : text);
