/** Items that a worker makes, each by its number alone, so that any worker may make any of them. */
export interface WorkerItems<T> {
  readonly count: number;
  /** @param index from 0 to `count` - 1 */
  item(index: number): T | Promise<T>;
}

/** What a module of {@link fromWorkers} exports. */
export interface WorkerModule<T, D = unknown> {
  /** Called once in each worker with the data that all of them are given. */
  open(data: D): WorkerItems<T> | Promise<WorkerItems<T>>;
}
