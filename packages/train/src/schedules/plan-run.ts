import { effectiveLearningRate, jobsAt } from './kaldi-rate.js';

/** What a run is planned from. */
export interface RunPlanSettings {
  readonly epochs: number;
  /** Archives that the examples stand in. */
  readonly archives: number;
  /**
   * Times that an archive is gone through in one epoch, each time for another frame of its examples, or with its features
   * moved by another number of frames. Default 1.
   */
  readonly framesPerEg?: number;
  readonly initialJobs: number;
  readonly finalJobs: number;
  /** From so many jobs on, their number is a multiple of it. Default 1. */
  readonly jobsStep?: number;
  readonly initialRate: number;
  readonly finalRate: number;
  /** Models that are averaged in the end at most. Default 20. */
  readonly maxModelsCombine?: number;
}

/** What one job of an iteration trains on. */
export interface PlannedJob {
  /** From 0. */
  readonly archive: number;
  /** The frame of each example, where an epoch takes one of them at a time; the frames that features are moved by. */
  readonly frame: number;
}

export interface PlannedIteration {
  /** From 0. */
  readonly index: number;
  /** Share of all data that the iterations before it have gone through. */
  readonly fraction: number;
  /** Of each job: jobs times the effective rate. */
  readonly learningRate: number;
  readonly jobs: readonly PlannedJob[];
}

export interface RunPlan {
  readonly iterations: readonly PlannedIteration[];
  /** Numbers of the models that are combined in the end; model n is what iteration n - 1 makes. */
  readonly combine: readonly number[];
}

/**
 * Plans a run of training and averaging as Kaldi's scripts do (steps/libs/nnet3/train/common.py): how many iterations,
 * how many jobs in each, at which rate, on which archives, and which models are combined in the end.
 */
export function planRun({
  epochs,
  archives,
  framesPerEg = 1,
  initialJobs,
  finalJobs,
  jobsStep = 1,
  initialRate,
  finalRate,
  maxModelsCombine = 20,
}: RunPlanSettings): RunPlan {
  const expanded = archives * framesPerEg;
  if (!(finalJobs <= expanded))
    throw new RangeError(`planRun: expected as many archives as jobs (${finalJobs}) or more, found ${expanded}`);
  const toProcess = Math.floor(epochs * expanded);
  const count = Math.max(1, Math.floor((2 * toProcess) / (initialJobs + finalJobs)));
  const rate = effectiveLearningRate(initialRate, finalRate);
  const iterations: PlannedIteration[] = [];
  let processed = 0;
  for (let index = 0; index < count; index++) {
    const jobs = jobsAt(index / count, initialJobs, finalJobs, jobsStep);
    const fraction = toProcess > 0 ? processed / toProcess : 0;
    const effective = index + 1 >= count ? finalRate : rate({ fraction, step: index });
    iterations.push({
      index,
      fraction,
      learningRate: jobs * effective,
      jobs: Array.from({ length: jobs }, (_, j) => {
        const k = processed + j;
        const archive = k % archives;
        return { archive, frame: (Math.floor(k / archives) + archive + 1) % framesPerEg };
      }),
    });
    processed += jobs;
  }
  return { iterations, combine: modelsToCombine(count, expanded, finalJobs, maxModelsCombine) };
}

/** The models of about the last half epoch, or of the last half of a short run (get_model_combine_iters). */
function modelsToCombine(count: number, archives: number, finalJobs: number, most: number): number[] {
  const half = Math.floor(count / 2);
  const wanted = Math.min(Math.floor(archives / finalJobs / 2) + 1, half);
  const last = (n: number, step: number): number[] => {
    const chosen = new Set<number>([count]);
    for (let i = count - n + 1; i <= count; i += step) chosen.add(i);
    return [...chosen].sort((a, b) => a - b);
  };
  if (wanted > most) return last(wanted, Math.floor(wanted / most));
  return last(Math.min(most, half), 1);
}
