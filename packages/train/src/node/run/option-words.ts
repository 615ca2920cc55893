import { type OptionSpecs, type OptionValues, parseOptionText, resolveOptions, UsageError } from '@jebena/options';

/** Options of another program that stand in the value of one: `--norm-means=true --norm-vars=false`, or `--norm-means true`. */
export function optionWords<S extends OptionSpecs>(flag: string, specs: S, given: string): OptionValues<S> {
  const values: Record<string, unknown> = {};
  const words = given.split(/\s+/).filter(Boolean);
  for (let i = 0; i < words.length; i++) {
    const [own = '', text] = words[i]!.replace(/^--/, '').split('=');
    const name = own.replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
    if (!words[i]!.startsWith('--') || !(name in specs))
      throw new UsageError(`option ${flag}: unknown option '${words[i]}'`);
    const spaced = text === undefined && i + 1 < words.length && !words[i + 1]!.startsWith('--');
    values[name] = parseOptionText(own, specs[name]!.kind, spaced ? words[++i] : text);
  }
  return resolveOptions(specs, values as Partial<OptionValues<S>>);
}
