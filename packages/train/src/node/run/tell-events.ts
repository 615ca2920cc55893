import type { EventFile } from '../event-file.js';
import type { RunRecord } from './record.js';

/** Numbers of an iteration for TensorBoard. */
export function tellEvents(
  file: EventFile,
  { iteration, objective, learningRate, waiting, jobs, lost, valid, train }: RunRecord,
): void {
  const scalars: Record<string, number | undefined> = {
    'jobs/objective': objective,
    'jobs/count': jobs,
    'jobs/lost': lost.length,
    'jobs/waiting-for-data-percent': waiting,
    'learning-rate': learningRate,
    'valid/objective': valid?.objective,
    'valid/accuracy': valid?.accuracy,
    'train/objective': train?.objective,
    'train/accuracy': train?.accuracy,
  };
  const known = Object.entries(scalars).filter((entry): entry is [string, number] => entry[1] !== undefined);
  file.scalars(iteration + 1, Object.fromEntries(known));
}
