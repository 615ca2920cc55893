/** A command that a run starts: a program of `jebena` with its arguments, which another machine could run as well. */
export interface Job {
  /** Such as `train.4.1`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** File that takes what it says. */
  readonly log: string;
}

/** How a job ended. */
export interface JobResult {
  readonly job: Job;
  /** Exit code; 0 where all went well. */
  readonly code: number;
  readonly seconds: number;
}

/**
 * Runs jobs: on this machine ({@link localJobs}), or, by an implementation of your own, on a cluster. Jobs share their
 * files by path.
 */
export interface JobRunner {
  /**
   * Resolves when the job has ended, however it did.
   *
   * @param signal asks it to stop; it then keeps where it is, and ends
   */
  run(job: Job, signal: AbortSignal): Promise<JobResult>;
}
