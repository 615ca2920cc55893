/** How a task of a thread stands. */
export const ThreadState = { running: 0, done: 1, failed: 2 } as const;

/** What a thread is asked for; all arrays lie in memory that both threads see. */
export interface ThreadTask {
  /** One of {@link ThreadState}. */
  readonly state: Int32Array;
  /** The result: log-probability, largest absolute output, 1 where the passes agree. */
  readonly numbers: Float64Array;
  /** Rows of the thread's own sequences, by frame, then by sequence. */
  readonly output: Float32Array;
  readonly derivative: Float32Array;
  readonly sequences: number;
  /** Frames of each of them, where some end earlier. */
  readonly lengths: Int32Array | undefined;
  readonly leaky: number;
  readonly scale: number;
}
