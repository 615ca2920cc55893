import type { DenominatorGraph } from './denominator-graph.js';
import { plainKernel } from './plain-kernel.js';
import { wasmKernel } from './wasm-kernel.js';

/**
 * The leaky HMM's forward-backward algorithm for `lanes` sequences at once, a frame at a time. Sequences are what is
 * contiguous in its memory: a row for each state or pdf, a column for each sequence. With 16 sequences such a row is
 * one line of a processor's cache, and what a frame needs of a graph of thousands of states stays in the cache.
 *
 * Alpha and beta are probabilities, scaled so that each frame's alpha sums to 1 before the leak; both hold the leak.
 */
export interface DenominatorKernel {
  readonly lanes: number;
  /** Rows of outputs on their way in, of derivatives on their way out: one for each sequence. */
  readonly rows: Float32Array;
  /** From one row to the next; what lies beyond the pdfs means nothing. */
  readonly stride: number;
  /** What each sequence's alpha summed up to before it was scaled, by the last call of `start` or `forward`. */
  readonly totals: Float32Array;
  /** Their maximum is that of the absolute outputs since it was last set to zeros. */
  readonly largest: Float32Array;
  /** Alpha of the first frame. `leaky`: share of probability that starts anew at each frame. */
  start(leaky: number): void;
  /** Takes in `rows`, the outputs of frame `t`, and goes to the alpha of frame `t + 1`. */
  forward(t: number): void;
  /** Beta of the end, after the last frame. */
  end(): void;
  /** Beta of the end for one sequence alone: where it ends earlier than others. */
  endOf(n: number): void;
  /** From the beta of frame `t + 1` to that of `t`; `rows` becomes `scale` times the posteriors of frame `t`. */
  backward(t: number, scale: number): void;
  /** Beta of the first frame by the initial probabilities, of each sequence: 1 but for rounding. */
  agreement(): Float64Array;
}

export interface KernelSize {
  readonly lanes: number;
  /** Most frames that it has memory for. */
  readonly frames: number;
}

const kernels = new WeakMap<DenominatorGraph, { readonly frames: number; readonly kernel: DenominatorKernel }[]>();

/** Most sequences that a kernel carries at once. */
export const mostLanes = 16;

/** A kernel for so many sequences and frames: WebAssembly's vectors where the host has them, else plain loops. */
export function denominatorKernel(graph: DenominatorGraph, sequences: number, frames: number): DenominatorKernel {
  const lanes = sequences > 8 ? mostLanes : sequences > 4 ? 8 : 4;
  const made = kernels.get(graph) ?? [];
  const fits = made.find((m) => m.kernel.lanes === lanes && m.frames >= frames);
  if (fits) return fits.kernel;
  const kernel = wasmKernel(graph, { lanes, frames }) ?? plainKernel(graph, { lanes, frames });
  kernels.set(graph, [...made.filter((m) => m.kernel.lanes !== lanes), { frames, kernel }]);
  return kernel;
}
