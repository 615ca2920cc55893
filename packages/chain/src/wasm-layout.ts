import type { DenominatorGraph } from './denominator-graph.js';
import type { KernelSize } from './denominator-kernel.js';

interface ArcsAt {
  /** Twelve bytes an arc: where the state at its other end and its pdf lie in a frame; its probability. */
  readonly arcs: number;
  /** For each state, where its arcs end. */
  readonly ends: number;
}

/** Where what lies in the memory of the WebAssembly kernel, in bytes. */
export interface KernelLayout {
  readonly lanes: number;
  readonly numStates: number;
  /** Pdfs, to a multiple of four. */
  readonly stride: number;
  /** Bytes of a frame of alpha, and of one of exponentiated outputs. */
  readonly states: number;
  readonly pdfs: number;
  readonly entering: ArcsAt;
  readonly leaving: ArcsAt;
  /** Leaky coefficient times initial probability, a number for each state. */
  readonly leak: number;
  readonly scale: number;
  readonly totals: number;
  /** Largest absolute outputs, four. */
  readonly largest: number;
  /** For each frame, 1 over the totals. */
  readonly inverse: number;
  readonly alpha: number;
  readonly x: number;
  readonly beta: readonly [number, number];
  readonly posterior: number;
  readonly rows: number;
  readonly bytes: number;
}

export function kernelLayout(
  { numStates, numPdfs, numArcs }: DenominatorGraph,
  { lanes, frames }: KernelSize,
): KernelLayout {
  let bytes = 0;
  const take = (count: number): number => {
    const start = bytes;
    bytes += Math.ceil(count / 64) * 64;
    return start;
  };
  const stride = Math.ceil(numPdfs / 4) * 4;
  const states = numStates * 4 * lanes;
  const pdfs = stride * 4 * lanes;
  const arcs = (): ArcsAt => ({ arcs: take(12 * numArcs), ends: take(4 * numStates) });
  return {
    lanes,
    numStates,
    stride,
    states,
    pdfs,
    entering: arcs(),
    leaving: arcs(),
    leak: take(4 * numStates),
    scale: take(4),
    totals: take(4 * lanes),
    largest: take(16),
    inverse: take((frames + 1) * 4 * lanes),
    alpha: take((frames + 1) * states),
    x: take(frames * pdfs),
    beta: [take(states), take(states)],
    posterior: take(pdfs),
    rows: take(pdfs),
    bytes,
  };
}
