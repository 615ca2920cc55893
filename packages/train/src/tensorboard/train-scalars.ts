import type { OutputSums, TrainEvent } from '../trainer/events.js';

/**
 * The numbers of an event of the trainer, as curves are named: `train/objective/output`, `train/accuracy/output`,
 * `train/learning-rate`, `train/frames-per-second`. Empty for events that have none (the end).
 */
export function trainScalars(event: TrainEvent): Record<string, number> {
  if (event.type !== 'minibatches') return {};
  return {
    ...outputScalars('train', event.outputs),
    'train/learning-rate': event.learningRate,
    'train/frames-per-second': event.frames / event.seconds,
  };
}

/** The same of what `evaluate` gives, under a name of its own: `valid`, say. */
export function outputScalars(name: string, outputs: Readonly<Record<string, OutputSums>>): Record<string, number> {
  const scalars: Record<string, number> = {};
  for (const [output, { objective, auxiliary, correct, weight }] of Object.entries(outputs)) {
    scalars[`${name}/objective/${output}`] = objective / weight;
    if (auxiliary !== undefined) scalars[`${name}/auxiliary/${output}`] = auxiliary / weight;
    if (correct !== undefined) scalars[`${name}/accuracy/${output}`] = correct / weight;
  }
  return scalars;
}
