import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, fromNnetExample, nnetExampleHolder, writeShards } from '@jebena/egs';
import { nodeStorage, readTable } from '@jebena/io-ark/node';
import { UsageError } from '@jebena/options';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';

const numbered = (dir: string, pattern: RegExp): string[] =>
  readdirSync(dir)
    .filter((name) => pattern.test(name))
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))
    .map((name) => join(dir, name));

/**
 * Takes examples that are there: shards as they are, Kaldi's archives rewritten as shards in the run's folder, so that
 * workers can read any of them.
 *
 * @throws UsageError where there are none
 */
export async function adoptEgs(
  folder: RunFolder,
  dir: string,
  framesPerEg: number,
  { log, warn }: { log: (line: string) => void; warn: (line: string) => void },
  signal: AbortSignal,
): Promise<Egs> {
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
  const archives = numbered(dir, /^egs\.\d+\.ark$/);
  if (archives.length === 0)
    throw new UsageError(
      readdirSync(dir).some((name) => /^cegs\.\d+\.ark$/.test(name))
        ? `${dir}: expected examples for frame-level training, found those of chain models`
        : `${dir}: expected examples (train.0.egs, ... or egs.1.ark, ...), found none`,
    );
  mkdirSync(folder.at('egs'), { recursive: true });
  const rewrite = async (name: string, path: string): Promise<string[]> => {
    if (!existsSync(path)) return [];
    const examples = async function* (): AsyncGenerator<Example> {
      for await (const [key, example] of readTable(nnetExampleHolder, `ark:${path}`, { signal }))
        yield fromNnetExample(key, example);
    };
    const write = writeShards(folder.at('egs', name), { storage: nodeStorage(), examplesPerShard: Infinity });
    const names = await write(examples());
    if (names.length === 0) throw new UsageError(`${path}: expected examples, found none`);
    return names;
  };
  const train: string[] = [];
  for (const [i, path] of archives.entries()) train.push(...(await rewrite(`train.${i}`, path)));
  log(`Rewrote ${archives.length} archives of ${dir} as shards in ${folder.at('egs')}`);
  return told({
    train,
    valid: await rewrite('valid_diagnostic', join(dir, 'valid_diagnostic.egs')),
    trainDiagnostic: await rewrite('train_diagnostic', join(dir, 'train_diagnostic.egs')),
    combine: await rewrite('combine', join(dir, 'combine.egs')),
    framesPerEg,
    own: true,
  });
}
