import { parseAlignLexicon, parseWordBoundaries, type WordAlignment } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import { Fbank, fbankOptions, Mfcc, mfccOptions, onlineCmvnOptions } from '@jebena/features';
import { AcousticModel } from '@jebena/graph';
import { doubleMatrixHolder, KaldiInput } from '@jebena/io-ark';
import {
  flagName,
  type OptionSpecs,
  type OptionValues,
  parseOptionText,
  resolveOptions,
  UsageError,
} from '@jebena/options';
import { readFst, readSymbols } from '@jebena/wfst';
import type { CmvnParts } from './front-end.js';
import { Recogniser } from './recogniser.js';
import { type RecogniserOptions, recogniserOptions } from './recogniser-options.js';

/** A model's files by their names; undefined for one that there is not. */
export type ModelFile = (name: string) => Uint8Array | undefined;

/**
 * Options from the text of a file of Kaldi's form: `--name=value`, one a line, `#` for comments.
 *
 * @param path names the file in errors
 * @throws UsageError for a line that is no known option
 */
export function parseConfig<S extends OptionSpecs>(text: string, path: string, specs: S): OptionValues<S> {
  const byFlag = new Map(Object.entries(specs).map(([name, spec]) => [flagName(name), { name, kind: spec.kind }]));
  const values: Record<string, unknown> = {};
  for (const [i, raw] of text.split('\n').entries()) {
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
 * A recogniser out of a model's files: final.mdl, HCLG.fst, words.txt, fbank.conf or mfcc.conf, and recogniser.conf
 * with {@link RecogniserOptions}, which may name files for online normalisation. Where there is an align_lexicon.int
 * or a word_boundary.int, words of final results have their exact times by it.
 *
 * @param where names the folder or address in errors
 * @throws when a file is missing or is not what it should be; the message names it
 */
export function recogniserFrom(
  file: ModelFile,
  engine: Engine,
  changes: Partial<RecogniserOptions> = {},
  where: string = 'model',
): Recogniser {
  const path = (name: string): string => `${where}/${name}`;
  const bytes = (name: string): Uint8Array => {
    const found = file(name);
    if (!found) throw new UsageError(`${where}: expected a model's folder with ${name} in it, found none`);
    return found;
  };
  const text = (name: string): string => new TextDecoder().decode(bytes(name));
  const model = AcousticModel.fromBytes(bytes('final.mdl'), path('final.mdl'));
  const graph = readFst(bytes('HCLG.fst'), { path: path('HCLG.fst') });
  const words = readSymbols(bytes('words.txt'), { path: path('words.txt') });
  const config = <S extends OptionSpecs>(name: string, specs: S): OptionValues<S> =>
    parseConfig(text(name), path(name), specs);
  const options = { ...config('recogniser.conf', recogniserOptions), ...changes };
  const { featureType, cmvnConfig, globalCmvnStats } = options;
  // To leave out what is above the model's band is safe, and microphones run at 44.1 or 48 kHz.
  const higher = { allowDownsample: true };
  const feature =
    featureType === 'mfcc'
      ? new Mfcc({ ...config('mfcc.conf', mfccOptions), ...higher })
      : new Fbank({ ...config('fbank.conf', fbankOptions), ...higher });
  if ((cmvnConfig === '') !== (globalCmvnStats === ''))
    throw new UsageError(`${path('recogniser.conf')}: expected cmvn-config and global-cmvn-stats, found one of them`);
  const cmvn: CmvnParts | undefined =
    cmvnConfig === ''
      ? undefined
      : {
          globalStats: doubleMatrixHolder.read(new KaldiInput(bytes(globalCmvnStats), { path: path(globalCmvnStats) })),
          options: config(cmvnConfig, onlineCmvnOptions),
        };
  return new Recogniser({ engine, model, graph, words, feature, cmvn, alignment: alignmentOf(file, path), options });
}

function alignmentOf(file: ModelFile, path: (name: string) => string): WordAlignment | undefined {
  for (const [name, parse] of [
    ['align_lexicon.int', parseAlignLexicon],
    ['word_boundary.int', parseWordBoundaries],
  ] as const) {
    const bytes = file(name);
    if (bytes) return parse(new TextDecoder().decode(bytes).replace(/\n$/, '').split('\n'), path(name));
  }
  return undefined;
}
