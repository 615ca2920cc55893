import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Engine } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import type { Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import { type PlannedIteration, planRun, type RunPlan } from '../../schedules/plan-run.js';
import { EventFile } from '../event-file.js';
import type { JobRunner } from '../job.js';
import { adoptEgs } from './adopt-egs.js';
import { chainData } from './chain-data.js';
import { type ChainGraphs, chainGraphs } from './chain-graphs.js';
import { isChain, subsampling } from './chain-options.js';
import { tellCurves } from './curves.js';
import type { Egs } from './egs.js';
import { averagePosterior, combined, writeFinal } from './finish.js';
import { keepOptions, RunFolder } from './folder.js';
import { cleanUp, iterate, type IterationContext } from './iterate.js';
import { makeEgs } from './make-egs.js';
import { measure, minibatchesOf } from './measure.js';
import type { TrainRunOptions } from './options.js';
import { firstModel } from './prepare.js';
import { type Alignments, openData, readAlignments } from './read-data.js';
import { readRaw } from './read-raw.js';
import type { RunRecord } from './record.js';
import { startNetwork } from './start-network.js';
import { tellEvents } from './tell-events.js';
import { byChain, byFrames } from './training-by.js';

/** Who runs the jobs, and who is told. */
export interface TrainRunContext {
  readonly runner: JobRunner;
  readonly log: (line: string) => void;
  readonly warn: (line: string) => void;
  /** Ends the run cleanly: the same options go on with it. */
  readonly signal: AbortSignal;
}

/** What a run came to. */
export interface TrainRunResult {
  /** The final model; undefined where the run was to end earlier. */
  readonly model: string | undefined;
  readonly records: readonly RunRecord[];
}

/**
 * A whole run of training, as Kaldi's steps/nnet3/train_dnn.py, train_rnn.py, train_raw_dnn.py, train_raw_rnn.py and
 * chain/train.py make it, from features and alignments (or lattices) or from examples to the final model. Called again
 * with the same options it goes on where it was stopped, by whatever, to the same model.
 *
 * @throws UsageError for options and files that do not fit, JobsLostError, KaldiIoError, WriteError
 */
export async function trainRun(given: TrainRunOptions, context: TrainRunContext): Promise<TrainRunResult> {
  const options = {
    ...given,
    out: given.out || given.dir,
    data: given.data || given.featDir,
    ali: given.ali || given.aliDir,
  };
  if (!options.out) throw new UsageError('expected a folder for the run (--out), found none');
  if (isChain(options)) checkChain(options);
  else if (!options.ali && !options.targetsScp && !options['egs.dir'])
    throw new UsageError('expected alignments (--ali), targets (--targets-scp) or examples (--egs.dir), found none');
  if (!options.data && !options['egs.dir'])
    throw new UsageError('expected features (--data) or examples (--egs.dir), found none');
  const folder = new RunFolder(options.out);
  if (options.restart) clear(folder);
  mkdirSync(folder.path, { recursive: true });
  keepOptions(folder, options);
  const { signal, log } = context;
  let engine: Promise<Engine> | undefined;
  const engineOnce = (): Promise<Engine> =>
    (engine ??= createEngine({ engine: options.engine, precision: options.precision, threads: options.threads }));

  const graphs = isChain(options) ? await chainGraphs(folder, options, log, signal) : undefined;
  const alignments = options.ali && !graphs ? await readAlignments(options.ali, signal) : undefined;
  const start = startNetwork(folder, options);
  const by = graphs ? byChain(start.reference, graphs, options) : byFrames(start.reference);
  const egs = await examples(folder, start.reference, alignments, graphs, options, context);
  const plan = planOf(egs, options);
  const records: RunRecord[] = folder.json<RunRecord[]>('iterations.json') ?? [];
  let done = records.length;
  if (options.stage >= 0 && options.stage < done) {
    records.length = done = options.stage;
    if (!existsSync(folder.model(done)))
      throw new UsageError(`--stage=${done}: expected ${folder.model(done)}, found no such file`);
    forget(folder, done);
  }
  if (done > 0) log(`Going on from ${folder.path}: ${done} of ${plan.iterations.length} iterations are done`);
  let network = existsSync(folder.model(done))
    ? readRaw(folder.model(done))
    : await firstModel(folder, start, egs, engineOnce, alignments?.counts, options, log, signal);
  const cores = availableParallelism();
  const iteration: IterationContext = {
    folder,
    options,
    egs,
    denominator: graphs?.denominatorPath,
    runner: context.runner,
    threads: (jobs) => options.threads || Math.max(1, Math.floor(cores / jobs)),
    warn: context.warn,
    signal,
  };
  const rule = measuringRule(options);
  const sets = {
    valid: await minibatchesOf(egs.valid, rule, by.measured),
    train: await minibatchesOf(egs.trainDiagnostic, rule, by.measured),
  };
  const measureSets = async (model: Network, name: string): Promise<Pick<RunRecord, 'valid' | 'train'>> => ({
    valid: await measure(model, await engineOnce(), by, sets.valid, folder.log(`compute_prob_valid.${name}`), signal),
    train: await measure(model, await engineOnce(), by, sets.train, folder.log(`compute_prob_train.${name}`), signal),
  });
  const began = performance.now();
  const firstDone = done;
  // A model is measured while the jobs of the next iteration run.
  let measuring: ReturnType<typeof measureSets> | undefined;
  let events: EventFile | undefined;
  const finishMeasuring = async (): Promise<void> => {
    if (!measuring) return;
    const measured = await measuring;
    measuring = undefined;
    records[records.length - 1] = { ...records.at(-1)!, ...measured };
    folder.writeJson('iterations.json', records);
    tellCurves(folder, records);
    tellEvents((events ??= new EventFile(folder.at('events'))), records.at(-1)!);
    log(progressLine(records.at(-1)!, plan, (performance.now() - began) / 1000, firstDone));
  };
  if (done === 0 && options.exitStage !== 0 && hasStatistics(network)) await measureSets(network, '0');
  for (const planned of plan.iterations.slice(done)) {
    if (options.exitStage >= 0 && planned.index >= options.exitStage) {
      await finishMeasuring();
      return { model: undefined, records };
    }
    const [made, told] = await Promise.allSettled([iterate(planned, network, iteration), finishMeasuring()]);
    if (made.status === 'rejected') throw made.reason;
    if (told.status === 'rejected') throw told.reason;
    const { network: next, result } = made.value;
    network = next;
    records.push({ ...result, valid: undefined, train: undefined });
    folder.writeJson('iterations.json', records);
    if (options.cleanup) cleanUp(iteration, planned.index + 1, plan.combine);
    measuring = measureSets(network, String(planned.index + 1));
    measuring.catch(() => undefined);
  }
  await finishMeasuring();

  if (options['trainer.optimization.doFinalCombination']) {
    const best = await combined(folder, plan.combine, egs, await engineOnce(), by, rule, options, signal);
    network = best.network;
    log(best.line);
  }
  const priors = alignments
    ? await averagePosterior(network, egs, await engineOnce(), rule, options['trainer.priorSubsetSize'], signal)
    : new Float32Array(0);
  const model = writeFinal(folder, network, alignments ?? graphs?.model, priors, options);
  const last = await measureSets(network, 'final');
  tellCurves(folder, records, last);
  if (options.cleanup) for (const n of plan.combine) rmSync(folder.model(n), { force: true });
  if (options.cleanup && options['cleanup.removeEgs'] && egs.own)
    rmSync(folder.at('egs'), { recursive: true, force: true });
  log(`Wrote ${model}`);
  return { model, records };
}

/** Whether batch norm can be done by statistics: where training begins with a model. */
const hasStatistics = (network: Network): boolean =>
  [...network.components.values()].every(
    (c) => c.type !== 'BatchNormComponent' || (c.statistics()?.counts['count'] ?? 0) > 0,
  );

/** @throws UsageError where something that LF-MMI needs is not given */
function checkChain(options: TrainRunOptions): void {
  if (options['egs.dir']) return;
  for (const [flag, value] of [
    ['tree-dir', options.treeDir],
    ['lat-dir', options.latDir],
  ] as const)
    if (!value) throw new UsageError(`expected --${flag}, or examples (--egs.dir), to train by LF-MMI, found neither`);
}

/** The examples of a run: those that are there, those of a run that goes on, or new ones. */
async function examples(
  folder: RunFolder,
  network: Network,
  alignments: Alignments | undefined,
  graphs: ChainGraphs | undefined,
  options: TrainRunOptions,
  { log, warn, signal }: TrainRunContext,
): Promise<Egs> {
  const known = folder.json<Egs>('egs.json');
  if (known && [...known.train, ...known.valid].every((path) => existsSync(path))) return known;
  let egs: Egs;
  if (options['egs.dir']) egs = await adoptEgs(folder, options, { log, warn }, signal);
  else {
    const chain = graphs?.model && (await chainData(folder, graphs.model, options, warn, signal));
    const data = openData(options, alignments, chain);
    try {
      egs = await makeEgs(folder, network, data, alignments?.pdfs, options, { log, warn }, signal);
    } finally {
      await data.close();
    }
  }
  // Written last: examples that are not whole are made anew.
  folder.writeJson('egs.json', egs);
  return egs;
}

const planOf = (egs: Egs, options: TrainRunOptions): RunPlan =>
  planRun({
    epochs: options['trainer.numEpochs'],
    archives: egs.train.length,
    framesPerEg: Math.max(subsampling(options), egs.framesPerEg),
    initialJobs: options['trainer.optimization.numJobsInitial'],
    finalJobs: options['trainer.optimization.numJobsFinal'],
    jobsStep: options['trainer.optimization.numJobsStep'],
    initialRate: options['trainer.optimization.initialEffectiveLrate'],
    finalRate: options['trainer.optimization.finalEffectiveLrate'],
    maxModelsCombine: options['trainer.optimization.maxModelsCombine'],
  });

/** Nothing is learned here, so any minibatch will do that memory has room for. */
const measuringRule = (options: TrainRunOptions): string => (options['egs.framesPerEg'] > 0 ? '1:128' : '1:32');

/** Throws away what an earlier run left; examples too. */
function clear(folder: RunFolder): void {
  forget(folder, -1);
  const graphs = ['phone_lm.fst', 'den.fst', 'normalization.fst'];
  for (const name of ['options.json', 'iterations.json', 'egs.json', 'egs', 'log', 'final.mdl', 'final.raw', ...graphs])
    rmSync(folder.at(name), { recursive: true, force: true });
}

/** Removes models of later iterations. */
function forget(folder: RunFolder, done: number): void {
  if (!existsSync(folder.path)) return;
  for (const name of readdirSync(folder.path)) {
    const n = /^(\d+)\.(?:\d+\.)?(?:raw|state|checkpoint)$/.exec(name)?.[1];
    if (n !== undefined && Number(n) > done) rmSync(folder.at(name));
  }
}

function progressLine(record: RunRecord, plan: RunPlan, seconds: number, firstDone: number): string {
  const { iteration, jobs, lost, learningRate, objective, valid } = record;
  const all: readonly PlannedIteration[] = plan.iterations;
  const left = (seconds / (iteration + 1 - firstDone)) * (all.length - iteration - 1);
  const clock = `${Math.floor(left / 60)}:${String(Math.round(left % 60)).padStart(2, '0')}`;
  const accuracy = valid?.accuracy === undefined ? '' : `, accuracy ${(100 * valid.accuracy).toFixed(1)} %`;
  const held = valid ? `, held out ${valid.objective.toFixed(3)}${accuracy}` : '';
  const missing = lost.length > 0 ? ` (${lost.length} lost)` : '';
  return `Iteration ${iteration + 1} of ${all.length}: ${jobs} job${jobs > 1 ? 's' : ''}${missing}, learning rate ${learningRate.toPrecision(3)}, objective ${objective.toFixed(3)}${held}; ${record.seconds.toFixed(1)} s, about ${clock} left`;
}
