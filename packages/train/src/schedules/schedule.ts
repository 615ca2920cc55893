/** Where a training run stands: `fraction` of the data that it will process, 0 at its start and 1 at its end. */
export interface Progress {
  readonly fraction: number;
  readonly step: number;
}

/** A learning rate for each point of a run. */
export type Schedule = (progress: Progress) => number;
