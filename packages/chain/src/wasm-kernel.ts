import { instantiate } from '@jebena/wasm';
import type { DenominatorGraph, GroupedArcs } from './denominator-graph.js';
import type { DenominatorKernel, KernelSize } from './denominator-kernel.js';
import { agreement, fillColumn } from './plain-kernel.js';
import { type KernelLayout, kernelLayout } from './wasm-layout.js';
import { backward, exponentiate, forward, posteriorsToRows } from './wasm-steps.js';

/** The kernel on WebAssembly's vectors; undefined where the host lacks them or the memory. */
export function wasmKernel(graph: DenominatorGraph, size: KernelSize): DenominatorKernel | undefined {
  const { numStates, initial } = graph;
  const { lanes } = size;
  const at = kernelLayout(graph, size);
  if (at.bytes >= 2 ** 32) return undefined;
  const made = instantiate([exponentiate(at), forward(at), backward(at), posteriorsToRows(at)], at.bytes);
  if (!made) return undefined;
  const { memory, functions } = made;
  const floats = (address: number, length: number): Float32Array => new Float32Array(memory, address, length);
  putArcs(memory, at.entering, graph.entering, lanes);
  putArcs(memory, at.leaving, graph.leaving, lanes);
  const sum = initial.reduce((a, b) => a + b, 0);
  const alpha = (t: number): number => at.alpha + t * at.states;
  const x = (t: number): number => at.x + t * at.pdfs;
  const inverse = (t: number): number => at.inverse + t * 4 * lanes;
  let [later, earlier] = at.beta;
  return {
    lanes,
    stride: at.stride,
    rows: floats(at.rows, lanes * at.stride),
    totals: floats(at.totals, lanes),
    largest: floats(at.largest, 4),
    start: (leaky) => {
      floats(at.leak, numStates).set(initial.map((p) => leaky * p));
      floats(at.totals, lanes).fill(sum);
      const first = floats(at.alpha, numStates * lanes);
      initial.forEach((p, h) => first.fill(p / sum + leaky * p, h * lanes, (h + 1) * lanes));
    },
    forward: (t) => {
      functions['exponentiate']!(x(t));
      functions['forward']!(alpha(t), x(t), alpha(t + 1), inverse(t + 1));
    },
    end: () => {
      floats(later, numStates * lanes).fill(1);
    },
    endOf: (n) => fillColumn(floats(later, numStates * lanes), lanes, n),
    backward: (t, scale) => {
      functions['backward']!(alpha(t), x(t), inverse(t + 1), later, earlier);
      floats(at.scale, 1)[0] = scale;
      functions['posteriorsToRows']!();
      [later, earlier] = [earlier, later];
    },
    agreement: () => agreement(initial, floats(later, numStates * lanes), lanes),
  };
}

/** Arcs as the steps read them: where their state and pdf lie in a frame, and their probability. */
function putArcs(
  memory: ArrayBuffer,
  { arcs, ends }: KernelLayout['entering'],
  { first, state, pdf, probability }: GroupedArcs,
  lanes: number,
): void {
  const view = new DataView(memory);
  for (let a = 0; a < state.length; a++) {
    view.setInt32(arcs + 12 * a, 4 * lanes * state[a]!, true);
    view.setInt32(arcs + 12 * a + 4, 4 * lanes * pdf[a]!, true);
    view.setFloat32(arcs + 12 * a + 8, probability[a]!, true);
  }
  for (let s = 1; s < first.length; s++) view.setUint32(ends + 4 * (s - 1), arcs + 12 * first[s]!, true);
}
