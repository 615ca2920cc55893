import { float, type OptionSpec, UsageError } from '@jebena/options';
import type { Fst } from '@jebena/wfst';
import { readFstFile } from '../wfst/files.js';

export const normalizationFstScale: OptionSpec<number> = float(1, 'Scale of the costs in the normalization FST');

/** Reads a normalization graph, its costs scaled: semi-supervised training takes some of them from the lattice instead. */
export async function readNormalization(path: string, scale: number): Promise<Fst> {
  if (!(scale > 0)) throw new UsageError(`option --normalization-fst-scale: expected a number above 0, found ${scale}`);
  const fst = await readFstFile(path);
  return scale === 1
    ? fst
    : fst.with({ weight: fst.weight.map((w) => w * scale), final: fst.final.map((w) => w * scale) });
}
