// The thread that `fromWorkers` starts: it makes the items that it is asked for, one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer } from './from-workers.js';
import { buffersOf } from './buffers-of.js';
import type { WorkerItems, WorkerModule } from './worker-items.js';

const port = parentPort!;
const { module, data } = workerData as { module: string; data: unknown };

const failed = (error: unknown): Answer => {
  const { name, message, code } = error as { name?: string; message?: string; code?: unknown };
  return { type: 'error', name: name ?? 'Error', message: message ?? String(error), code };
};

let items: WorkerItems<unknown> | undefined;
try {
  items = await ((await import(module)) as WorkerModule<unknown>).open(data);
  port.postMessage({ type: 'open', count: items.count } satisfies Answer);
} catch (error) {
  port.postMessage(failed(error));
}

let turn = Promise.resolve();
port.on('message', (index: number) => {
  turn = turn.then(async () => {
    try {
      const item = await items!.item(index);
      // What an item holds in memory of its own is handed over, not copied.
      port.postMessage({ type: 'item', item } satisfies Answer, buffersOf(item));
    } catch (error) {
      port.postMessage(failed(error));
    }
  });
});
