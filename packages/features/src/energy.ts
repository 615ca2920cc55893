import { bool, defineOptions, float } from '@jebena/options';
import type { EnergyOf } from './spectrum-kernel.js';

/** How the energy of a frame is taken. */
export const energyOptions = defineOptions({
  energyFloor: float(0, 'Floor of the energy, absolute; 0 for none. Only with an energy in the features'),
  rawEnergy: bool(true, 'Compute the energy before pre-emphasis and window'),
});

/** The least energy that a logarithm is taken of: the spacing of 32-bit numbers at 1. */
export const leastEnergy: number = 2 ** -23;

/** What a feature with these options needs the energy of. */
export const energyOf = ({ useEnergy, rawEnergy }: { useEnergy: boolean; rawEnergy: boolean }): EnergyOf =>
  !useEnergy ? 'none' : rawEnergy ? 'raw' : 'windowed';

/** The log energy with Kaldi's two floors: the least that has a logarithm, and the option's (0 for none). */
export function flooredLogEnergy(energy: number, energyFloor: number, least: number = leastEnergy): number {
  const log = Math.log(Math.max(energy, least));
  return energyFloor > 0 ? Math.max(log, Math.log(energyFloor)) : log;
}
