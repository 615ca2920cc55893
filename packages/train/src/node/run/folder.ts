import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@jebena/options';
import { writeWhole } from '../write-whole.js';

/** Where things stand in the folder of a run. */
export class RunFolder {
  constructor(readonly path: string) {}

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }
  /** Model n: what iteration n - 1 made. */
  model(n: number): string {
    return this.at(`${n}.raw`);
  }
  jobModel(n: number, job: number): string {
    return this.at(`${n}.${job}.raw`);
  }
  /** The state of the optimizer that a job ended with. */
  state(n: number, job: number): string {
    return this.at(`${n}.${job}.state`);
  }
  checkpoint(n: number, job: number): string {
    return this.at(`${n}.${job}.checkpoint`);
  }
  log(name: string): string {
    return this.at('log', `${name}.log`);
  }

  /** A file of plain values; undefined where there is none. */
  json<T>(name: string): T | undefined {
    const path = this.at(name);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as T;
    } catch {
      throw new UsageError(`${path}: expected JSON, found something else; --restart begins anew`);
    }
  }

  writeJson(name: string, value: unknown): void {
    writeWhole(this.at(name), `${JSON.stringify(value, null, 1)}\n`);
  }
}

/** Options that may be others when a run goes on. */
const free = new Set([
  'out',
  'dir',
  'stage',
  'exitStage',
  'restart',
  'workers',
  'checkpointPeriod',
  'anyMachine',
  'cleanup',
  'cleanup.removeEgs',
  'cleanup.preserveModelInterval',
]);

/**
 * Keeps the options of a run, or compares them with those that are kept.
 *
 * @throws UsageError naming the first that differs
 */
export function keepOptions(folder: RunFolder, options: Readonly<Record<string, unknown>>): void {
  const now = Object.fromEntries(Object.entries(options).filter(([name]) => !free.has(name)));
  const before = folder.json<Record<string, unknown>>('options.json');
  if (!before) return folder.writeJson('options.json', now);
  for (const name of Object.keys(now))
    if (name in before && before[name] !== now[name])
      throw new UsageError(
        `${folder.path}: expected a run with ${name} '${String(now[name])}', found one with '${String(before[name])}'; use another --out, or --restart`,
      );
}
