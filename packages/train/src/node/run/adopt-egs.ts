import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Example,
  fromNnetChainExample,
  fromNnetExample,
  nnetChainExampleHolder,
  nnetExampleHolder,
  writeShards,
} from '@jebena/egs';
import type { Holder } from '@jebena/io-ark';
import { nodeStorage, readTable } from '@jebena/io-ark/node';
import { UsageError } from '@jebena/options';
import { isChain } from './chain-options.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import type { TrainRunOptions } from './options.js';

/** `NAME.1.EXTENSION`, `NAME.2.EXTENSION`, ... of a folder, by number. */
const numbered = (dir: string, name: string, extension: string): string[] =>
  readdirSync(dir)
    .filter((file) => new RegExp(`^${name}\\.\\d+\\.${extension}$`).test(file))
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
    .map((file) => join(dir, file));

/** A kind of Kaldi's examples. */
interface Archives {
  readonly what: string;
  /** What names the archives (`SUFFIX.1.ark`) and ends the names of the others (`combine.SUFFIX`). */
  readonly suffix: string;
  read(path: string, signal: AbortSignal): AsyncGenerator<Example>;
}

const archivesOf = <V>(
  what: string,
  suffix: string,
  holder: Holder<V>,
  toExample: (key: string, example: V) => Example,
): Archives => ({
  what,
  suffix,
  async *read(path, signal) {
    for await (const [key, example] of readTable(holder, `ark:${path}`, { signal })) yield toExample(key, example);
  },
});

const frameArchives = archivesOf('examples for training by frames', 'egs', nnetExampleHolder, fromNnetExample);
const chainArchives = archivesOf('examples of chain models', 'cegs', nnetChainExampleHolder, fromNnetChainExample);

/**
 * Takes examples that are there: shards as they are, Kaldi's archives rewritten as shards in the run's folder, so that
 * workers can read any of them.
 *
 * @throws UsageError where there are none
 */
export async function adoptEgs(
  folder: RunFolder,
  options: TrainRunOptions,
  { log, warn }: { log: (line: string) => void; warn: (line: string) => void },
  signal: AbortSignal,
): Promise<Egs> {
  const dir = options['egs.dir'];
  const framesPerEg = options['egs.framesPerEg'];
  const form = isChain(options) ? chainArchives : frameArchives;
  if (!existsSync(dir)) throw new UsageError(`${dir}: expected a folder of examples, found no such folder`);
  const shards = (name: string): string[] => numbered(dir, name, 'egs');
  const told = (egs: Egs): Egs => {
    if (egs.valid.length === 0) warn(`${dir}: no valid_diagnostic examples: training is not measured on held-out data`);
    if (egs.combine.length === 0)
      warn(`${dir}: no combine examples: the last models are combined on the first archive`);
    return egs;
  };
  const own = shards('train');
  if (own.length > 0)
    return told({
      train: own,
      valid: shards('valid_diagnostic'),
      trainDiagnostic: shards('train_diagnostic'),
      combine: shards('combine'),
      framesPerEg,
      own: false,
    });
  const archives = numbered(dir, form.suffix, 'ark');
  if (archives.length === 0) {
    const other = isChain(options) ? frameArchives : chainArchives;
    throw new UsageError(
      numbered(dir, other.suffix, 'ark').length > 0
        ? `${dir}: expected ${form.what}, found ${other.what}${isChain(options) ? '' : '; --tree-dir or --chain.den-fst trains on those'}`
        : `${dir}: expected examples (train.0.egs, ... or ${form.suffix}.1.ark, ...), found none`,
    );
  }
  mkdirSync(folder.at('egs'), { recursive: true });
  const rewrite = async (name: string, path: string): Promise<string[]> => {
    if (!existsSync(path)) return [];
    const write = writeShards(folder.at('egs', name), { storage: nodeStorage(), examplesPerShard: Infinity });
    const names = await write(form.read(path, signal)).catch((error: unknown) => {
      throw error instanceof RangeError ? new UsageError(`${path}: ${error.message}`, { cause: error }) : error;
    });
    if (names.length === 0) throw new UsageError(`${path}: expected examples, found none`);
    return names;
  };
  const train: string[] = [];
  for (const [i, path] of archives.entries()) train.push(...(await rewrite(`train.${i}`, path)));
  log(`Rewrote ${archives.length} archives of ${dir} as shards in ${folder.at('egs')}`);
  return told({
    train,
    valid: await rewrite('valid_diagnostic', join(dir, `valid_diagnostic.${form.suffix}`)),
    trainDiagnostic: await rewrite('train_diagnostic', join(dir, `train_diagnostic.${form.suffix}`)),
    combine: await rewrite('combine', join(dir, `combine.${form.suffix}`)),
    framesPerEg,
    own: true,
  });
}
