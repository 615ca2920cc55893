import type { OptionSpecs, OptionValues } from './define.js';
import { UsageError } from './errors.js';

const typeOf = { boolean: 'boolean', integer: 'number', float: 'number', string: 'string' } as const;

/** Kaldi's spelling of a library name: `numMelBins` becomes `num-mel-bins`. */
export const flagName = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/**
 * Fills in defaults and checks every value.
 *
 * @throws UsageError naming the option, what was expected and what was found.
 * @example
 * ```ts
 * const specs = defineOptions({ numMelBins: int(23, 'Number of mel bins', atLeast(3)) });
 * resolveOptions(specs, { numMelBins: 40 }).numMelBins; // 40
 * ```
 */
export function resolveOptions<S extends OptionSpecs>(specs: S, given: Partial<OptionValues<S>> = {}): OptionValues<S> {
  for (const name of Object.keys(given)) if (!(name in specs)) throw new UsageError(`unknown option '${name}'`);
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = given[name] ?? spec.default;
    const wrong =
      typeof value !== typeOf[spec.kind]
        ? `expected a ${spec.kind}`
        : spec.kind === 'integer' && !Number.isInteger(value)
          ? 'expected a whole number'
          : spec.check?.(value);
    if (wrong) throw new UsageError(`option '${name}': ${wrong}, found ${JSON.stringify(value)}`);
    values[name] = value;
  }
  return values as OptionValues<S>;
}

/** Reads one flag's text as the option's kind, as Kaldi does (`true`, `false`, `t`, `f`; an empty boolean is true). */
export function parseOptionText(flag: string, kind: OptionSpecs[string]['kind'], value: string | undefined): unknown {
  const fail = (expected: string): never => {
    throw new UsageError(`option --${flag}: expected ${expected}, found '${value ?? ''}'`);
  };
  if (kind === 'boolean') {
    if (value === undefined || value === '' || /^(true|t|1)$/i.test(value)) return true;
    return /^(false|f|0)$/i.test(value) ? false : fail('true or false');
  }
  if (value === undefined) return fail(`--${flag}=VALUE`);
  if (kind === 'string') return value;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number)) return fail('a number');
  return kind === 'integer' && !Number.isInteger(number) ? fail('a whole number') : number;
}
