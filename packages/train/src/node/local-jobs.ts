import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Job, JobResult, JobRunner } from './job.js';

export interface LocalJobsOptions {
  /** What a job's program and arguments are put behind, such as `[process.execPath, 'jebena.js']`. */
  readonly command: readonly [string, ...string[]];
}

/** Set for a job: its channel is to the one that started it, and to nobody else. */
const isJob = 'JEBENA_JOB';

/**
 * Runs each job in a process of its own on this machine. A job whose parent dies is told by its channel, and ends: see
 * {@link stopWithParent}. Its log begins and ends with the lines that Kaldi's run.pl writes.
 */
export const localJobs = ({ command }: LocalJobsOptions): JobRunner => ({
  run: (job, signal) => runLocally(command, job, signal),
});

function runLocally(
  [file, ...before]: readonly [string, ...string[]],
  job: Job,
  signal: AbortSignal,
): Promise<JobResult> {
  mkdirSync(dirname(job.log), { recursive: true });
  const log = openSync(job.log, 'w');
  writeSync(log, `# ${job.program} ${job.args.join(' ')}\n# Started at ${new Date().toString()}\n#\n`);
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(file, [...before, job.program, ...job.args], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, [isJob]: '1' },
    });
    // To hang up is to ask it to stop, as it would be if this process died.
    const stop = (): void => void (child.connected && child.disconnect());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    let over = false;
    const end = (code: number, why: string): void => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', stop);
      const seconds = (performance.now() - began) / 1000;
      writeSync(
        log,
        `# Accounting: time=${Math.round(seconds)} threads=1\n# Ended (${why}) at ${new Date().toString()}, elapsed time ${Math.round(seconds)} seconds\n`,
      );
      closeSync(log);
      resolve({ job, code, seconds });
    };
    child.on('error', (error) => {
      writeSync(log, `${error.message}\n`);
      end(127, 'not started');
    });
    child.on('close', (code, killed) => end(code ?? 128, killed ? `signal ${killed}` : `code ${code}`));
  });
}

/** For the programs that jobs are: a signal that ends with the given one, or when the process that started this one is gone. */
export function stopWithParent(signal: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('interrupted'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  if (process.send && process.env[isJob]) {
    process.on('disconnect', end);
    // The channel alone must not keep this process alive.
    process.channel?.unref();
  }
  return stop.signal;
}
