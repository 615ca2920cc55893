export { crossEntropy } from './objectives/cross-entropy.js';
export type { Evaluation, Objective } from './objectives/objective.js';
export { quadratic } from './objectives/quadratic.js';
export { constantRate, exponentialDecay } from './schedules/exponential.js';
export type { Progress, Schedule } from './schedules/schedule.js';
