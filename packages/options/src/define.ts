/** The kinds of value that an option takes on a command line and in code. */
export type OptionKind = 'boolean' | 'integer' | 'float' | 'string';

/** One option, declared once: flags, library types, checks and documentation all come from it. */
export interface OptionSpec<T> {
  readonly kind: OptionKind;
  readonly default: T;
  /** One sentence, as shown by `--help`. */
  readonly help: string;
  /** What is wrong with a value, or undefined when nothing is. */
  readonly check?: (value: T) => string | undefined;
}

/** Options by their library name (camelCase); on a command line they are spelled with dashes. */
export type OptionSpecs = Record<string, OptionSpec<any>>;

/** The values that a set of options holds. */
export type OptionValues<S extends OptionSpecs> = {
  [K in keyof S]: S[K] extends OptionSpec<infer T> ? T : never;
};

type Check<T> = (value: T) => string | undefined;
const spec = <T>(kind: OptionKind, value: T, help: string, check?: Check<T>): OptionSpec<T> =>
  check ? { kind, default: value, help, check } : { kind, default: value, help };

/** A true-or-false option. */
export const bool = (value: boolean, help: string): OptionSpec<boolean> => spec('boolean', value, help);
/** A whole-number option. */
export const int = (value: number, help: string, check?: Check<number>): OptionSpec<number> =>
  spec('integer', value, help, check);
/** A real-number option. */
export const float = (value: number, help: string, check?: Check<number>): OptionSpec<number> =>
  spec('float', value, help, check);
/** A text option. */
export const text = (value: string, help: string, check?: Check<string>): OptionSpec<string> =>
  spec('string', value, help, check);
/** A text option with a fixed set of values. */
export const choice = <T extends string>(value: T, values: readonly T[], help: string): OptionSpec<T> =>
  spec<T>('string', value, `${help} (${values.join(' | ')})`, (v) =>
    values.includes(v) ? undefined : `expected one of ${values.join(', ')}`,
  );

/** A check that a number is at least `minimum`. */
export const atLeast =
  (minimum: number): Check<number> =>
  (v) =>
    v >= minimum ? undefined : `expected at least ${minimum}`;
/** A check that a number lies in `[low, high]`. */
export const within =
  (low: number, high: number): Check<number> =>
  (v) =>
    v >= low && v <= high ? undefined : `expected a number from ${low} to ${high}`;

/** Declares a set of options; the type is kept exact so that `OptionValues<typeof x>` is. */
export const defineOptions = <S extends OptionSpecs>(specs: S): S => specs;
