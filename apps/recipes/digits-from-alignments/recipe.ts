import { join } from 'node:path';
import { main as jebena } from '@jebena/cli';
import { createEngine } from '@jebena/engine/node';
import { UsageError } from '@jebena/options';
import { makeDataFolder } from './data-folder.js';
import { type NetworkName, networkNames, type RecipeOptions } from './options.js';
import { testModel, type TestResult } from './test-model.js';
import { trainCommand } from './training.js';

/** Makes the data folders, trains each network by `jebena train` and tests it. */
export async function runRecipe(
  options: RecipeOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Partial<Record<NetworkName, TestResult>>> {
  const { recordings, train, test, kaldi, out, engine: engineName } = options;
  for (const name of ['recordings', 'train', 'test', 'kaldi'] as const)
    if (!options[name]) throw new UsageError(`option --${name}: expected a path, found none`);
  const data = { train: join(out, 'data_train'), test: join(out, 'data_test') };
  await makeDataFolder(data.train, train, recordings, options.strings);
  await makeDataFolder(data.test, test, recordings, 0);
  const results: Partial<Record<NetworkName, TestResult>> = {};
  for (const name of networkNames) {
    if (options.network !== 'all' && options.network !== name) continue;
    signal.throwIfAborted();
    const folder = join(out, name);
    const more = [
      `--engine=${engineName}`,
      `--threads=${options.threads}`,
      ...(options.epochs > 0 ? [`--trainer.num-epochs=${options.epochs}`] : []),
    ];
    const began = performance.now();
    const command = trainCommand(name, { data: data.train, ali: join(kaldi, 'tri_ali_train'), out: folder }, more);
    say(`jebena ${command.join(' ')}`);
    if ((await jebena(command)) !== 0) throw new Error(`${name}: training ended early`);
    const seconds = Math.round((performance.now() - began) / 1000);
    const engine = await createEngine({ engine: engineName });
    const result = await testModel(
      folder,
      data.test,
      join(kaldi, 'tri_ali_test'),
      join(kaldi, 'graph'),
      engine,
      signal,
    );
    results[name] = result;
    const percent = (part: number, whole: number): string => ((100 * part) / whole).toFixed(2);
    say(
      `${name}: ${result.parameters} parameters, trained in ${seconds} s; frames right ${percent(result.correct, result.frames)} %, ` +
        `WER ${percent(result.errors, result.words)} % (${result.errors} / ${result.words})`,
    );
  }
  return results;
}
