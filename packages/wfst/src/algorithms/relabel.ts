import type { Fst } from '../fst.js';

export interface RelabelOptions {
  /** New label by old; a label that is not named stays. */
  readonly input?: ReadonlyMap<number, number> | undefined;
  readonly output?: ReadonlyMap<number, number> | undefined;
}

/** Renames labels. To remove symbols (Kaldi's fstrmsymbols), map them to 0. */
export function relabel(fst: Fst, { input, output }: RelabelOptions): Fst {
  const rename = (labels: Int32Array, names: ReadonlyMap<number, number> | undefined): Int32Array =>
    names ? labels.map((label) => names.get(label) ?? label) : labels;
  return fst.with({ ilabel: rename(fst.ilabel, input), olabel: rename(fst.olabel, output) });
}
