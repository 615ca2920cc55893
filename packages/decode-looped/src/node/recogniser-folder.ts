import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@jebena/engine';
import { Fbank, fbankOptions, Mfcc, mfccOptions } from '@jebena/features';
import { AcousticModel } from '@jebena/graph';
import {
  flagName,
  type OptionSpecs,
  type OptionValues,
  parseOptionText,
  resolveOptions,
  UsageError,
} from '@jebena/options';
import { readFst, readSymbols } from '@jebena/wfst';
import { Recogniser } from '../recogniser.js';
import { type RecogniserOptions, recogniserOptions } from '../recogniser-options.js';

/** Options from a file of Kaldi's form: `--name=value`, one a line, `#` for comments. */
export function readConfigFile<S extends OptionSpecs>(path: string, specs: S): OptionValues<S> {
  const byFlag = new Map(Object.entries(specs).map(([name, spec]) => [flagName(name), { name, kind: spec.kind }]));
  const values: Record<string, unknown> = {};
  for (const [i, raw] of readFileSync(path, 'utf8').split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const [, flag, value] = /^--([^=]+)(?:=(.*))?$/.exec(line) ?? [];
    const option = flag && byFlag.get(flag);
    if (!option) throw new UsageError(`${path}, line ${i + 1}: expected a known --name=value, found '${line}'`);
    values[option.name] = parseOptionText(flag, option.kind, value);
  }
  return resolveOptions(specs, values as Partial<OptionValues<S>>);
}

/**
 * A recogniser from a folder of Kaldi's files: final.mdl, HCLG.fst, words.txt, fbank.conf or mfcc.conf, and
 * recogniser.conf with the options of {@link RecogniserOptions}.
 *
 * @throws when a file is missing or is not what it should be; the message names it
 */
export function readRecogniser(folder: string, engine: Engine, changes: Partial<RecogniserOptions> = {}): Recogniser {
  const inside = (name: string): string => {
    const path = join(folder, name);
    if (!existsSync(path)) throw new UsageError(`${folder}: expected a model's folder with ${name} in it, found none`);
    return path;
  };
  const model = AcousticModel.fromBytes(readFileSync(inside('final.mdl')), inside('final.mdl'));
  const graph = readFst(readFileSync(inside('HCLG.fst')), { path: inside('HCLG.fst') });
  const words = readSymbols(readFileSync(inside('words.txt')), { path: inside('words.txt') });
  const options = { ...readConfigFile(inside('recogniser.conf'), recogniserOptions), ...changes };
  const feature =
    options.featureType === 'mfcc'
      ? new Mfcc(readConfigFile(inside('mfcc.conf'), mfccOptions))
      : new Fbank(readConfigFile(inside('fbank.conf'), fbankOptions));
  return new Recogniser({ engine, model, graph, words, feature, options });
}
