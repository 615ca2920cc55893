/** The least energy that a logarithm is taken of: the spacing of 32-bit numbers at 1. */
export const leastEnergy: number = 2 ** -23;

/** The sum of the squares of a windowed frame. */
export function sumOfSquares(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

/** The log energy with Kaldi's two floors: the least that has a logarithm, and the option's (0 for none). */
export function flooredLogEnergy(energy: number, energyFloor: number, least: number = leastEnergy): number {
  const log = Math.log(Math.max(energy, least));
  return energyFloor > 0 ? Math.max(log, Math.log(energyFloor)) : log;
}
