/**
 * The sine and cosine of 32-bit numbers as the C library of Linux computes them: by short polynomials in 64 bits, whose
 * result, rounded to 32 bits, is now and then one unit off the nearest. Kaldi's Fourier transforms hold such values.
 *
 * @param angle from 0 to a few turns, of either sign
 */
export function sincosf(angle: number): [sin: number, cos: number] {
  const x = Math.fround(angle);
  const quadrant = Math.abs(x) < Math.PI / 4 ? 0 : Math.round((2 * x) / Math.PI);
  const r = x - quadrant * (Math.PI / 2);
  const s = sinPolynomial(r);
  const c = cosPolynomial(r);
  const turn = ((quadrant % 4) + 4) % 4;
  const [sin, cos] = turn === 0 ? [s, c] : turn === 1 ? [c, -s] : turn === 2 ? [-s, -c] : [-c, s];
  return [Math.fround(sin), Math.fround(cos)];
}

function sinPolynomial(x: number): number {
  const square = x * x;
  const cube = x * square;
  return x + cube * -0.16666654943701084 + cube * square * (0.008332178146138854 + square * -0.00019517298981385725);
}

function cosPolynomial(x: number): number {
  const square = x * x;
  const fourth = square * square;
  return (
    1 +
    square * -0.49999999725108224 +
    fourth * 0.041666623324344516 +
    fourth * square * (-0.001388676379437604 + square * 2.4390450703564542e-5)
  );
}

/** Near enough reciprocals of the middles of sixteen stretches of the numbers from 0.7 to 1.4, and their logarithms. */
const reciprocals = [
  1.398907162146528, 1.3403141896637998, 1.286432210124115, 1.2367150214269895, 1.1906977166711752, 1.1479821020556429,
  1.1082251448272158, 1.0711297413057381, 1.036437278977283, 1.0, 0.9492859795739057, 0.8951049428609004,
  0.8476821620351103, 0.8050314851692001, 0.7664671008843108, 0.731428603316328,
];
const logarithms = [
  -0.33569133332882284, -0.2929040563774074, -0.2518726580937369, -0.21245868807117255, -0.17453945183745634,
  -0.1380057072319758, -0.10275976698545139, -0.06871392447020525, -0.0357891387398228, 0.0, 0.05204517742929496,
  0.11081431298787942, 0.1652495223695143, 0.21687389031699977, 0.2659635028121397, 0.3127556664073557,
];

const word = new Float32Array(1);
const bitsOf = new Int32Array(word.buffer);

/**
 * The natural logarithm of a 32-bit number above zero as the C library of Linux computes it: a table and a short
 * polynomial, now and then one unit off the nearest. Kaldi's mel scale holds such values.
 */
export function logf(x: number): number {
  word[0] = x;
  const bits = bitsOf[0]!;
  const shifted = (bits - 0x3f330000) | 0;
  const i = (shifted >> 19) & 15;
  const exponent = shifted >> 23;
  bitsOf[0] = bits - (shifted & ~0x7fffff);
  const r = word[0]! * reciprocals[i]! - 1;
  const square = r * r;
  const polynomial = -0.25089342214237154 * square + (0.333456765744066 * r + -0.4999997485802103);
  return Math.fround(polynomial * square + (logarithms[i]! + exponent * Math.LN2 + r));
}
