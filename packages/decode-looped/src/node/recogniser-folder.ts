import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@jebena/engine';
import type { OptionSpecs, OptionValues } from '@jebena/options';
import type { ModelFiles } from '../pack-model.js';
import type { Recogniser } from '../recogniser.js';
import { parseConfig, recogniserFrom } from '../recogniser-files.js';
import type { RecogniserOptions } from '../recogniser-options.js';

/** Options from a file of Kaldi's form; see {@link parseConfig}. */
export const readConfigFile = <S extends OptionSpecs>(path: string, specs: S): OptionValues<S> =>
  parseConfig(readFileSync(path, 'utf8'), path, specs);

/** A recogniser from a folder of Kaldi's files; see {@link recogniserFrom}. */
export const readRecogniser = (folder: string, engine: Engine, changes: Partial<RecogniserOptions> = {}): Recogniser =>
  recogniserFrom(
    (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined),
    engine,
    changes,
    folder,
  );

/** The files of a model's folder, for {@link packModel} or {@link recogniserFrom}. */
export const readModelFiles = (folder: string): ModelFiles =>
  new Map(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  );
