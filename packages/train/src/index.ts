export { chainObjective, type ChainObjectiveSettings } from './objectives/chain.js';
export { multilingualChainObjective } from './objectives/multilingual-chain.js';
export { averageNetworks } from './averages/average-networks.js';
export { type BestAverage, type BestAverageSettings, bestAverage } from './averages/best-average.js';
export { type BestNetwork, type BestNetworkSettings, bestNetwork } from './averages/best-network.js';
export { ExponentialAverage } from './averages/exponential-average.js';
export {
  fineTune,
  type FineTuneEnd,
  type FineTuneOptions,
  fineTuneOptions,
  type FineTuneStep,
} from './fine-tune/fine-tune.js';
export { type SearchedModel, type Take, TakeError } from './fine-tune/take.js';
export { type FeatureTransformSettings, featureTransform } from './lda/feature-transform.js';
export { type Gathered, gatherLdaStatistics, type GatherSettings } from './lda/gather-statistics.js';
export { LdaStatistics, ldaStatisticsHolder } from './lda/lda-statistics.js';
export { Checkpoint, CheckpointError, type Machine, saveCheckpoint } from './checkpoint/checkpoint.js';
export { type CrossEntropySettings, crossEntropy } from './objectives/cross-entropy.js';
export type { Evaluation, Objective } from './objectives/objective.js';
export { outputObjectives } from './objectives/output-objectives.js';
export { quadratic } from './objectives/quadratic.js';
export { weighted } from './objectives/weighted.js';
export { type AdamSettings, adam } from './optimizers/adam.js';
export { byLayer } from './optimizers/by-layer.js';
export { type KaldiSgdSettings, kaldiSgd } from './optimizers/kaldi-sgd.js';
export { limitChange } from './optimizers/max-change.js';
export { towardsOrthonormal } from './optimizers/orthonormal-constraint.js';
export { Gradients } from './optimizers/gradients.js';
export type { Optimizer, OptimizerFactory, Step, TrainableModel } from './optimizers/optimizer.js';
export { type SharedSettings, type RuleStep, type UpdateRule, perParameter } from './optimizers/per-parameter.js';
export { type RmspropSettings, rmsprop } from './optimizers/rmsprop.js';
export { type SgdSettings, sgd } from './optimizers/sgd.js';
export { cosine } from './schedules/cosine.js';
export { type DropoutSchedule, parseDropoutSchedule } from './schedules/dropout-schedule.js';
export { constantRate, exponentialDecay } from './schedules/exponential.js';
export { effectiveLearningRate, jobsAt } from './schedules/kaldi-rate.js';
export {
  type PlannedIteration,
  type PlannedJob,
  planRun,
  type RunPlan,
  type RunPlanSettings,
} from './schedules/plan-run.js';
export { Newbob, type NewbobSettings } from './schedules/newbob.js';
export { presoftmaxPriorScale } from './schedules/presoftmax-prior-scale.js';
export { type WarmupHoldDecay, warmupHoldDecay } from './schedules/warmup-hold-decay.js';
export type { Progress, Schedule } from './schedules/schedule.js';
export { DivergedError } from './trainer/diverged-error.js';
export { FailedMinibatchesError } from './trainer/failed-error.js';
export {
  type EndEvent,
  type FailedMinibatch,
  type MinibatchEvent,
  type OutputSums,
  type TrainEvent,
  addOutputs,
} from './trainer/events.js';
export { type TrainOptions, objectiveFor, train } from './trainer/train.js';
export { type EventRecord, eventRecord } from './tensorboard/event-record.js';
export { outputScalars, trainScalars } from './tensorboard/train-scalars.js';
export { type EvaluateSettings, evaluate } from './trainer/evaluate.js';
export { MinibatchError } from './trainer/minibatch-error.js';
export { outputsOf, type OutputsOfSettings } from './trainer/outputs-of.js';
export { requestOf } from './trainer/request-of.js';
export { type DerivativeLimits, type StatisticsSettings, Trainer } from './trainer/trainer.js';
