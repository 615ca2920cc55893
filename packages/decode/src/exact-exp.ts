/** ln 2 in three parts: the first two have 32 trailing zero bits, so that multiples of them are exact. */
const LN2_HIGH = 0.69314718036912381649;
const LN2_LOW = 1.90821492927058770002e-10;
/** What the two leave of ln 2. */
const LN2_REST = 1.1612227229362532e-26;

/**
 * e to the power of x, rounded correctly in all but a few cases in a million: C libraries of today are that exact and
 * `Math.exp` is not, which matters where ties are broken by the last bit.
 */
export function exactExp(x: number): number {
  if (!(x > -700 && x < 700)) return Math.exp(x);
  const k = Math.round(x / Math.LN2);
  // r = x - k ln 2, as a sum of two doubles.
  const [a, aLow] = twoSum(x, -k * LN2_HIGH);
  const [r, bLow] = twoSum(a, -k * LN2_LOW);
  const rLow = aLow + bLow - k * LN2_REST;
  // Taylor by Horner's rule in double-double: 1 + r (1 + r/2 (1 + r/3 (...))).
  let high = 1;
  let low = 0;
  for (let n = 26; n >= 1; n--) {
    const [p, pLow] = twoProduct(high, r);
    const productLow = pLow + high * rLow + low * r;
    const q = p / n;
    const [back, backLow] = twoProduct(q, n);
    const qLow = (p - back - backLow + productLow) / n;
    const [s, sLow] = twoSum(1, q);
    [high, low] = quickTwoSum(s, sLow + qLow);
  }
  return (high + low) * 2 ** k;
}

function twoSum(a: number, b: number): [number, number] {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}

function quickTwoSum(a: number, b: number): [number, number] {
  const s = a + b;
  return [s, b - (s - a)];
}

function twoProduct(a: number, b: number): [number, number] {
  const p = a * b;
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
}

function split(a: number): [number, number] {
  const c = 134217729 * a;
  const high = c - (c - a);
  return [high, a - high];
}
