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
import { nodeStorage, readTable } from '@jebena/io-ark/node';
import { UsageError } from '@jebena/options';
import { isChain } from './chain-options.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import type { TrainRunOptions } from './options.js';

const numbered = (dir: string, pattern: RegExp): string[] =>
  readdirSync(dir)
    .filter((name) => pattern.test(name))
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
    .map((name) => join(dir, name));

/** How Kaldi's scripts name examples, and what is in them. */
interface Archives {
  readonly what: string;
  readonly train: RegExp;
  readonly first: string;
  readonly suffix: string;
  read(path: string, signal: AbortSignal): AsyncGenerator<Example>;
}

const frameArchives: Archives = {
  what: 'examples for training by frames',
  train: /^egs\.\d+\.ark$/,
  first: 'egs.1.ark',
  suffix: 'egs',
  async *read(path, signal) {
    for await (const [key, example] of readTable(nnetExampleHolder, `ark:${path}`, { signal }))
      yield fromNnetExample(key, example);
  },
};

const chainArchives: Archives = {
  what: 'examples of chain models',
  train: /^cegs\.\d+\.ark$/,
  first: 'cegs.1.ark',
  suffix: 'cegs',
  async *read(path, signal) {
    for await (const [key, example] of readTable(nnetChainExampleHolder, `ark:${path}`, { signal }))
      yield fromNnetChainExample(key, example);
  },
};

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
  const shards = (name: string): string[] => numbered(dir, new RegExp(`^${name}\\.\\d+\\.egs$`));
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
  const archives = numbered(dir, form.train);
  if (archives.length === 0) {
    const other = isChain(options) ? frameArchives : chainArchives;
    throw new UsageError(
      readdirSync(dir).some((name) => other.train.test(name))
        ? `${dir}: expected ${form.what}, found ${other.what}${isChain(options) ? '' : '; --tree-dir or --chain.den-fst trains on those'}`
        : `${dir}: expected examples (train.0.egs, ... or ${form.first}, ...), found none`,
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
