// What each thread of `threadedDenominator` runs: the passes over the sequences that it is given, one call after the other.
import { parentPort, workerData } from 'node:worker_threads';
import type { DenominatorGraph } from '../denominator-graph.js';
import { denominatorForwardBackward } from '../denominator.js';
import { type ThreadTask, ThreadState } from './thread-task.js';

const graph = workerData as DenominatorGraph;

parentPort!.on('message', ({ state, numbers, output, derivative, sequences, lengths, leaky, scale }: ThreadTask) => {
  try {
    const matrix = { rows: output.length / graph.numPdfs, cols: graph.numPdfs, data: output };
    const found = denominatorForwardBackward(graph, matrix, sequences, leaky, scale, derivative, { lengths });
    const { logProb, largest, ok } = found;
    numbers.set([logProb, largest, ok ? 1 : 0]);
    Atomics.store(state, 0, ThreadState.done);
  } catch {
    Atomics.store(state, 0, ThreadState.failed);
  }
  Atomics.notify(state, 0);
});
