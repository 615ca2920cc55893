import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { combineNetworks, type Network } from '@jebena/graph';
import { flagName } from '@jebena/options';
import { parseDropoutSchedule } from '../../schedules/dropout-schedule.js';
import type { PlannedIteration } from '../../schedules/plan-run.js';
import type { Job, JobResult, JobRunner } from '../job.js';
import { writeWhole } from '../write-whole.js';
import { isChain } from './chain-options.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import type { TrainRunOptions } from './options.js';
import { readRaw } from './read-raw.js';
import { saturation } from './saturation.js';
import { dropoutEdits } from './start-network.js';

/** A run cannot go on: every job of an iteration was lost. */
export class JobsLostError extends Error {
  readonly code = 'ERR_JOBS_LOST';
  override readonly name = 'JobsLostError';
}

/** What an iteration came to. */
export interface IterationResult {
  readonly iteration: number;
  readonly jobs: number;
  /** Jobs that came to nothing; the average is of the others. */
  readonly lost: readonly number[];
  readonly learningRate: number;
  /** Objective a frame on the training data, over the jobs that were taken. */
  readonly objective: number;
  readonly seconds: number;
  /** Mean share of the jobs' time that was spent waiting for data, in per cent. */
  readonly waiting: number;
}

export interface IterationContext {
  readonly folder: RunFolder;
  readonly options: TrainRunOptions;
  readonly egs: Egs;
  /** File of the denominator graph, where jobs train by LF-MMI. */
  readonly denominator: string | undefined;
  readonly runner: JobRunner;
  /** Threads of the engine of each of so many jobs. */
  readonly threads: (jobs: number) => number;
  readonly warn: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Jobs whose objective is further below the best than this are left out of the average. */
const farBelow = 1;

/**
 * One iteration as Kaldi's scripts make it: jobs train on an archive each from the same model, and their models are
 * averaged; in the first, the best is taken. A job that is lost is named, and the average is of the rest.
 *
 * @throws JobsLostError where none is left
 */
export async function iterate(
  planned: PlannedIteration,
  before: Network,
  context: IterationContext,
): Promise<{ network: Network; result: IterationResult }> {
  const { folder, runner, warn, signal } = context;
  const began = performance.now();
  const next = planned.index + 1;
  const jobs = planned.jobs.map((_, j) => jobOf(planned, j, before, context));
  const results = await Promise.all(
    jobs.map((job, j) => (existsSync(folder.jobModel(next, j + 1)) ? earlier(job) : runner.run(job, signal))),
  );
  signal.throwIfAborted();
  const told = results.map(({ code, job }, j) => ({ job: j + 1, code, ...readLog(job.log) }));
  const whole = told.filter(
    ({ job, code, objective }) => code === 0 && objective !== undefined && existsSync(folder.jobModel(next, job)),
  );
  const best = Math.max(...whole.map((one) => one.objective!));
  const good = whole.filter((one) => one.objective! >= best - farBelow);
  const lost = told.filter((one) => !good.includes(one));
  if (good.length === 0)
    throw new JobsLostError(
      `iteration ${planned.index}: all ${jobs.length} jobs were lost; the first said: ${told[0]!.error} (${jobs[0]!.log})`,
    );
  for (const { job, error, objective } of lost)
    warn(
      `iteration ${planned.index}: job ${job} of ${jobs.length} was lost (${error ?? `objective ${objective}, the best has ${best}`}; ${jobs[job - 1]!.log}); the average is of the other ${good.length}`,
    );
  const taken = planned.index === 0 ? [good.find((one) => one.objective === best)!] : good;
  let network: Network | undefined;
  for (const { job } of taken) {
    const one = readRaw(folder.jobModel(next, job));
    network = network
      ? combineNetworks([network, one], [1, 1 / taken.length])
      : combineNetworks([one], [1 / taken.length]);
  }
  writeWhole(folder.model(next), network!.toBytes());
  const mean = (of: (one: (typeof taken)[number]) => number): number =>
    taken.reduce((sum, one) => sum + of(one), 0) / taken.length;
  return {
    network: network!,
    result: {
      iteration: planned.index,
      jobs: jobs.length,
      lost: lost.map(({ job }) => job),
      learningRate: planned.learningRate,
      objective: mean((one) => one.objective!),
      seconds: (performance.now() - began) / 1000,
      waiting: mean((one) => one.waiting ?? 0),
    },
  };
}

const earlier = (job: Job): Promise<JobResult> => Promise.resolve({ job, code: 0, seconds: 0 });

/** What a job's log says: the lines that Kaldi's scripts look for. */
function readLog(path: string): {
  objective: number | undefined;
  waiting: number | undefined;
  error: string | undefined;
} {
  const log = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(log)?.[1];
    return found === undefined || !Number.isFinite(Number(found)) ? undefined : Number(found);
  };
  const errors = log.split('\n').filter((line) => line.startsWith('ERROR'));
  return {
    objective: number(/log-prob-per-frame=(\S+)/),
    waiting: number(/waiting for data (\S+) %/),
    error: errors.at(-1) ?? /^# Ended \(((?!code 0\)).*?)\)/m.exec(log)?.[1],
  };
}

/** Where a job takes derivatives: as much further than what the network looks at as the margin says. */
function derivativeTimes(network: Network, options: TrainRunOptions): Record<string, number> {
  const margin = options['trainer.derivTruncateMargin'] || (isChain(options) ? 'all' : '8');
  if (margin === 'all') return {};
  return {
    'optimization.minDerivTime': -Number(margin) - network.leftContext,
    'optimization.maxDerivTimeRelative': Number(margin) + network.rightContext,
  };
}

/** In chain training, backstitch grows to its scale over the first iterations. */
const backstitchAt = (index: number, options: TrainRunOptions): number =>
  options['trainer.optimization.backstitchTrainingScale'] * (isChain(options) ? Math.min(1, index / 15) : 1);

/** The command line of a job. */
function jobOf(
  planned: PlannedIteration,
  j: number,
  before: Network,
  { folder, options, egs, denominator, threads }: IterationContext,
): Job {
  const { index, fraction, learningRate, jobs } = planned;
  const next = index + 1;
  const single = egs.framesPerEg > 0;
  const rule = single
    ? options['trainer.optimization.minibatchSize']
    : options['trainer.rnn.numChunkPerMinibatch'] || options['trainer.numChunkPerMinibatch'];
  const schedule = options['trainer.dropoutSchedule'] && parseDropoutSchedule(options['trainer.dropoutSchedule']);
  const given: Record<string, string | number | boolean> = {
    learningRate,
    scale: shrinkage(before, learningRate, index, options),
    ...(schedule && { edits: dropoutEdits(before, (component) => schedule(component, fraction)) }),
    minibatchSize: index === 0 ? halved(rule) : rule,
    ...(denominator && {
      denominator,
      frameShift: jobs[j]!.frame,
      l2Regularize: options['chain.l2Regularize'],
      leakyHmmCoefficient: options['chain.leakyHmmCoefficient'],
      xentRegularize: options['chain.xentRegularize'],
      applyDerivWeights: options['chain.applyDerivWeights'],
    }),
    ...derivativeTimes(before, options),
    ...(single && { frame: jobs[j]!.frame, leftContext: before.leftContext, rightContext: before.rightContext }),
    maxParamChange: options['trainer.maxParamChange'] / (index === 0 ? Math.SQRT2 : 1),
    momentum: options['trainer.optimization.momentum'],
    l2RegularizeFactor: 1 / jobs.length,
    backstitchTrainingScale: backstitchAt(index, options),
    backstitchTrainingInterval: options['trainer.optimization.backstitchTrainingInterval'],
    srand: index + options['trainer.srand'],
    printInterval: 10,
    workers: options.workers,
    checkpoint: folder.checkpoint(next, j + 1),
    checkpointPeriod: options.checkpointPeriod,
    anyMachine: options.anyMachine,
    stateIn: stateBefore(folder, index, j),
    stateOut: folder.state(next, j + 1),
    engine: options.engine,
    precision: options.precision,
    threads: threads(jobs.length),
  };
  const args = Object.entries(given)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `--${flagName(name)}=${value}`);
  const shard = egs.train[jobs[j]!.archive % egs.train.length]!;
  const name = `train.${index}.${j + 1}`;
  return {
    name,
    program: 'train-job',
    args: [...args, folder.model(index), folder.jobModel(next, j + 1), shard],
    log: folder.log(name),
  };
}

/** Natural gradient goes on with the estimates of the same job of the iteration before, or of the first. */
function stateBefore(folder: RunFolder, index: number, j: number): string {
  return [j + 1, 1].map((job) => folder.state(index, job)).find((path) => existsSync(path)) ?? '';
}

/** What the parameters are multiplied by before an iteration. */
function shrinkage(network: Network, learningRate: number, index: number, options: TrainRunOptions): number {
  const proportional = 1 - options['trainer.optimization.proportionalShrink'] * learningRate;
  if (proportional <= 0.5)
    throw new RangeError(
      `--trainer.optimization.proportional-shrink: expected 1 minus it times the learning rate above 0.5, found ${proportional}`,
    );
  const value = options['trainer.optimization.shrinkValue'];
  const threshold = options['trainer.optimization.shrinkSaturationThreshold'];
  const wanted = value < proportional && index > 0 && (saturation(network) ?? 0) > threshold;
  return wanted ? value : proportional;
}

/** Half of every size of a minibatch rule: the first iteration takes small steps. */
const halved = (rule: string): string =>
  rule.replace(/\d+(?=[,:/]|$)/g, (size) => String(Math.max(1, Math.floor(Number(size) / 2))));

/** Removes what iterations before left and nothing needs any more. */
export function cleanUp({ folder, options }: IterationContext, done: number, combine: readonly number[]): void {
  const interval = options['cleanup.preserveModelInterval'];
  for (const name of readdirSync(folder.path)) {
    const [, n, job, kind] = /^(\d+)\.(?:(\d+)\.)?(raw|state|checkpoint)$/.exec(name) ?? [];
    if (n === undefined) continue;
    const number = Number(n);
    const model = job === undefined;
    const kept = model
      ? number === done || number % interval === 0 || combine.includes(number)
      : kind === 'state' && number === done;
    const passed = number <= done && !kept;
    if (passed) rmSync(folder.at(name), { force: true });
  }
}
