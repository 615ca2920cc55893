import { Worker } from 'node:worker_threads';
import type { Matrix } from '@jebena/io-ark';
import type { DenominatorGraph } from '../denominator-graph.js';
import { mostLanes } from '../denominator-kernel.js';
import {
  denominatorForwardBackward,
  type DenominatorPass,
  type DenominatorResult,
  type SequenceRange,
} from '../denominator.js';
import { ThreadState, type ThreadTask } from './thread-task.js';

/** Arcs times rows below which another thread is not worth its while. */
const leastWork = 2e7;
/** A thread that says nothing for so long, in ms, is given up. */
const patience = 60_000;

/**
 * The forward-backward algorithm of `denominatorForwardBackward` with the sequences of a minibatch shared out among
 * threads; the derivative is the same to the last bit. Threads begin with the first minibatch that is worth it, and do not
 * keep the process alive.
 *
 * @param threads in all, this one among them
 * @example
 * ```ts
 * evaluateChain(graph, supervision, output, { leakyHmmCoefficient: 0.1, denominatorPass: threadedDenominator(2) });
 * ```
 */
export function threadedDenominator(threads: number): DenominatorPass {
  const teams = new WeakMap<DenominatorGraph, Helper[]>();
  return (graph, output, sequences, leaky, scale, derivative, { lengths } = {}) => {
    const shares = shareOut(sequences, threads);
    if (shares.length < 2 || graph.numArcs * output.rows < leastWork)
      return denominatorForwardBackward(graph, output, sequences, leaky, scale, derivative, { lengths });
    const team = teams.get(graph) ?? [];
    teams.set(graph, team);
    while (team.length < shares.length - 1) team.push(new Helper(graph));
    const all: Whole = { output, sequences, derivative, lengths };
    // The helpers first: this thread then does its own share meanwhile.
    const asked = shares.slice(1).map((range, i) => team[i]!.ask(all, range, leaky, scale));
    const own = denominatorForwardBackward(graph, output, sequences, leaky, scale, derivative, {
      only: shares[0]!,
      lengths,
    });
    return [own, ...asked.map((finish) => finish())].reduce((a, b) => ({
      logProb: a.logProb + b.logProb,
      largest: Math.max(a.largest, b.largest),
      ok: a.ok && b.ok,
    }));
  };
}

/** A whole minibatch. */
interface Whole {
  readonly output: Matrix;
  readonly sequences: number;
  readonly derivative: Float32Array;
  readonly lengths: ArrayLike<number> | undefined;
}

/** Runs of sequences, in multiples of what a kernel carries, as even as they can be. */
function shareOut(sequences: number, threads: number): SequenceRange[] {
  const groups = Math.ceil(sequences / mostLanes);
  const count = Math.max(1, Math.min(threads, groups));
  const starts = Array.from({ length: count + 1 }, (_, i) =>
    Math.min(sequences, mostLanes * Math.round((groups * i) / count)),
  );
  return Array.from({ length: count }, (_, i) => ({ first: starts[i]!, count: starts[i + 1]! - starts[i]! }));
}

/** Copies the rows of some sequences, which lie together in each frame, out of all or back. */
function copyShare(
  whole: Float32Array,
  part: Float32Array,
  { output, sequences }: Whole,
  range: SequenceRange,
  back: boolean,
): void {
  const { cols, rows } = output;
  const size = range.count * cols;
  for (let t = 0; t < rows / sequences; t++) {
    const at = (t * sequences + range.first) * cols;
    if (back) whole.set(part.subarray(t * size, (t + 1) * size), at);
    else part.set(whole.subarray(at, at + size), t * size);
  }
}

interface Memory {
  readonly output: Float32Array;
  readonly derivative: Float32Array;
}

const none: Memory = { output: new Float32Array(0), derivative: new Float32Array(0) };

/** Another thread, with memory that both see. */
class Helper {
  private readonly worker: Worker;
  private memory: Memory = none;
  private lost = false;

  constructor(private readonly graph: DenominatorGraph) {
    this.worker = new Worker(new URL('./denominator-thread.js', import.meta.url), { workerData: graph });
    this.worker.on('error', () => (this.lost = true));
    this.worker.unref();
  }

  /** Begins with a share; the function that is returned waits for its end. */
  ask(all: Whole, range: SequenceRange, leaky: number, scale: number): () => DenominatorResult {
    const alone = (): DenominatorResult =>
      denominatorForwardBackward(this.graph, all.output, all.sequences, leaky, scale, all.derivative, {
        only: range,
        lengths: all.lengths,
      });
    if (this.lost) return alone;
    const length = (all.output.rows / all.sequences) * range.count * all.output.cols;
    if (this.memory.output.length !== length)
      this.memory = { output: sharedFloats(length), derivative: sharedFloats(length) };
    const { output, derivative } = this.memory;
    copyShare(all.output.data as Float32Array, output, all, range, false);
    const state = new Int32Array(new SharedArrayBuffer(4));
    const numbers = new Float64Array(new SharedArrayBuffer(24));
    const lengths = all.lengths && Int32Array.from(all.lengths).slice(range.first, range.first + range.count);
    const task: ThreadTask = { lengths, state, numbers, output, derivative, sequences: range.count, leaky, scale };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.worker.postMessage(task);
    return () => {
      Atomics.wait(state, 0, ThreadState.running, patience);
      if (Atomics.load(state, 0) !== ThreadState.done) {
        // It may still write there: it is left alone with that memory.
        this.lost = true;
        this.memory = none;
        return alone();
      }
      copyShare(all.derivative, derivative, all, range, true);
      return { logProb: numbers[0]!, largest: numbers[1]!, ok: numbers[2] === 1 };
    };
  }
}

const sharedFloats = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length));
