export { fromWorkers, type FromWorkersOptions } from './from-workers.js';
export type { WorkerItems, WorkerModule } from './worker-items.js';
