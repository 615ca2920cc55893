export { checkShards } from './check-shards.js';
export { EventFile, writeEventFile } from './event-file.js';
export type { Job, JobResult, JobRunner } from './job.js';
export { localJobs, type LocalJobsOptions, stopWithParent } from './local-jobs.js';
export {
  type CheckpointSettings,
  type ShardTraining,
  type ShardTrainingOptions,
  trainOnShards,
} from './train-on-shards.js';
export { WriteError, writeWhole } from './write-whole.js';
export { type IterationResult, JobsLostError } from './run/iterate.js';
export type { Measured } from './run/measure.js';
export { type TrainRunOptions, trainRunOptions } from './run/options.js';
export type { RunRecord } from './run/record.js';
export { trainRun, type TrainRunContext, type TrainRunResult } from './run/run.js';
