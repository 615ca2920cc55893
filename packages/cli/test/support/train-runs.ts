import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { resolveOptions } from '@jebena/options';
import { type Job, type JobRunner, trainRun, type TrainRunOptions, trainRunOptions } from '@jebena/train/node';
import { vi } from 'vitest';

/** Runs jobs in this process, one after the other; `lose` names those that end with an error. */
export function here(lose: (job: Job) => boolean = () => false): JobRunner & { readonly jobs: Job[] } {
  const jobs: Job[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  return {
    jobs,
    run: (job) => {
      const result = turn.then(async () => {
        jobs.push(job);
        let log = '';
        const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((log += String(text)), true));
        const code = lose(job)
          ? (process.stderr.write('ERROR (train-job) the machine is gone\n'), 1)
          : await main([job.program, ...job.args]);
        spy.mockRestore();
        mkdirSync(join(job.log, '..'), { recursive: true });
        writeFileSync(job.log, log);
        return { job, code, seconds: 1 };
      });
      turn = result;
      return result;
    },
  };
}

export interface Told {
  readonly log: string[];
  readonly warnings: readonly string[];
}

/** A whole run, with what it told; warnings also where it fails. */
export async function run(
  given: Partial<TrainRunOptions>,
  runner: JobRunner = here(),
  warnings: string[] = [],
): Promise<Told & Awaited<ReturnType<typeof trainRun>>> {
  const told: Told = { log: [], warnings };
  const result = await trainRun(resolveOptions(trainRunOptions, given), {
    runner,
    log: (line) => told.log.push(line),
    warn: (line) => warnings.push(line),
    signal: new AbortController().signal,
  });
  return { ...told, ...result };
}
