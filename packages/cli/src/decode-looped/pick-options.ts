import type { OptionSpecs, OptionValues } from '@jebena/options';

/** The values of one set of options among those of several. */
export const pickOptions = <S extends OptionSpecs>(specs: S, values: OptionValues<S>): OptionValues<S> =>
  Object.fromEntries(Object.keys(specs).map((name) => [name, values[name]])) as OptionValues<S>;
