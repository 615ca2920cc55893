/**
 * A number as C++ streams print it with precision 7 (`%.7g`), which is what Kaldi's text files hold
 * (InitKaldiOutputStream in base/io-funcs-inl.h).
 */
export function formatFloat(value: number, precision: number = 7): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const plain = precision === 7 ? formatPlainly(value) : undefined;
  if (plain !== undefined) return plain;
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
 * What most values take, six times as fast: numbers from 1e-4 to 1e7 by way of their seven digits as an integer. Where
 * the product's own rounding error could decide about the last digit it gives up.
 */
function formatPlainly(value: number): string | undefined {
  const size = Math.abs(value);
  if (!(size >= 1e-4 && size < 1e7)) return undefined;
  let exponent = -4;
  while (exponent < 6 && size >= powers[exponent + 5]!) exponent++;
  const product = size * powers[10 - exponent]!;
  let digits = Math.floor(product);
  const rest = product - digits;
  if (Math.abs(rest - 0.5) < 1e-6) return undefined;
  if (rest > 0.5) digits++;
  if (digits === 1e7) {
    digits = 1e6;
    if (++exponent === 7) return undefined;
  }
  const text = String(digits);
  let end = 7;
  const least = exponent + 1;
  while (end > least && end > 0 && text.charCodeAt(end - 1) === 48) end--;
  const sign = value < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'000'.slice(0, -exponent - 1)}${text.slice(0, end)}`;
  return end > least ? `${sign}${text.slice(0, least)}.${text.slice(least, end)}` : sign + text.slice(0, least);
}

/** 1e-4 to 1e10: entry i is 10 to the power of i - 4. */
const powers = Array.from({ length: 15 }, (_, i) => Number(`1e${i - 4}`));

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
  const decimals = plain.slice(exponent + 1);
  return sign + plain.slice(0, exponent + 1) + (decimals && `.${decimals}`);
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0*$/, '') : text);
