import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Stage, stage } from '@jebena/stream';
import { eventRecord } from '../tensorboard/event-record.js';
import { trainScalars } from '../tensorboard/train-scalars.js';
import type { TrainEvent } from '../trainer/events.js';

let made = 0;

/**
 * A file of learning curves as TensorBoard reads them, in a folder that may hold more of them (a run that goes on
 * begins a new one). Each call stands in the file when it returns: TensorBoard follows a run while it goes on.
 *
 * @example
 * ```ts
 * const file = new EventFile('exp/tdnn/events');
 * file.scalars(100, { 'valid/objective/output': -1.2 });
 * ```
 */
export class EventFile {
  readonly path: string;
  private readonly now: () => number;

  /** @param now seconds since 1970 */
  constructor(folder: string, now: () => number = () => Date.now() / 1000) {
    this.now = now;
    mkdirSync(folder, { recursive: true });
    const wallTime = now();
    const name = `events.out.tfevents.${Math.floor(wallTime)}.${hostname()}.${process.pid}.${made++}`;
    this.path = join(folder, name);
    appendFileSync(this.path, eventRecord({ wallTime, fileVersion: 'brain.Event:2' }));
  }

  /** Numbers of one step, by the names of their curves. */
  scalars(step: number, scalars: Readonly<Record<string, number>>): void {
    if (Object.keys(scalars).length > 0)
      appendFileSync(this.path, eventRecord({ wallTime: this.now(), step, scalars }));
  }
}

/** Passes the trainer's events on, and writes their numbers into a new event file of a folder. */
export const writeEventFile = (folder: string): Stage<TrainEvent, TrainEvent> =>
  stage(() => {
    let file: EventFile | undefined;
    return {
      push: (event: TrainEvent) => {
        file ??= new EventFile(folder);
        file.scalars(event.step, trainScalars(event));
        return [event];
      },
    };
  });
