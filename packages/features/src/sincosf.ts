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
