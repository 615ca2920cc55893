export { checkShards } from './check-shards.js';
export type { Job, JobResult, JobRunner } from './job.js';
export { localJobs, type LocalJobsOptions, stopWithParent } from './local-jobs.js';
export {
  type CheckpointSettings,
  type ShardTraining,
  type ShardTrainingOptions,
  trainOnShards,
} from './train-on-shards.js';
export { WriteError, writeWhole } from './write-whole.js';
