import { Computability } from './computability.js';
import type { Forwarding, SumDescriptor } from './descriptor.js';
import { NetworkError } from './errors.js';
import { type Index, shift, sortedIndexes, timeOf } from './indexes.js';
import type { Network } from './network.js';
import { gcd } from './network-checks.js';
import { demand } from './plan/demand.js';
import { type Carry, makePlan, rangeIndexes } from './plan/make-plan.js';
import { nodeGroups } from './plan/order.js';
import type { Plan } from './plan/plan.js';
import type { ComputationRequest, IoRequest } from './request.js';

/** How a stream is cut. */
export interface LoopShape {
  readonly sequences: number;
  /** Input frames a chunk: a multiple of the modulus and of the subsampling factor. */
  readonly chunk: number;
  readonly frameSubsamplingFactor: number;
  /** Input frames before the first output and after a chunk's last. */
  readonly leftContext: number;
  readonly rightContext: number;
  readonly outputs: readonly string[];
  /**
   * Frames of outputs that together read all phases of the recurrences: with a delay of 3 frames every third row
   * follows from the one before, and a chunk of one frame reads one of three phases.
   */
  readonly phases: number;
}

/** The smallest chunk of at least `framesPerChunk` frames that repeats in time. */
export function loopChunk(framesPerChunk: number, modulus: number, factor: number): number {
  const step = (modulus * factor) / gcd(modulus, factor);
  return step * Math.ceil(framesPerChunk / step);
}

/**
 * A network whose iVector is looked up for each chunk: `ReplaceIndex(ivector, t, 0)` becomes
 * `Round(ivector, chunk)` (nnet-compile-looped.cc, ModifyNnetIvectorPeriod).
 */
export function withIvectorPeriod(network: Network, chunk: number): Network {
  const forwarding = (f: Forwarding, node: string): Forwarding => {
    if (f.kind === 'node') return f;
    if (f.kind === 'switch') return { ...f, of: f.of.map((of) => forwarding(of, node)) };
    if (f.kind !== 'replace' || f.variable !== 't') return { ...f, of: forwarding(f.of, node) };
    if (f.of.kind !== 'node' || f.of.node !== 'ivector' || f.value !== 0)
      throw new NetworkError(
        'ERR_NOT_COMPUTABLE',
        'looped: expected ReplaceIndex(ivector, t, 0) alone, found another',
        {
          name: node,
        },
      );
    return { kind: 'round', of: f.of, modulus: chunk };
  };
  const sum = (d: SumDescriptor, node: string): SumDescriptor => {
    if (d.kind === 'sum' || d.kind === 'failover') return { ...d, a: sum(d.a, node), b: sum(d.b, node) };
    if (d.kind === 'ifDefined') return { ...d, of: sum(d.of, node) };
    return d.kind === 'const' ? d : forwarding(d, node);
  };
  const nodes = network.nodes.map((n) => ('input' in n ? { ...n, input: n.input.map((d) => sum(d, n.name)) } : n));
  return network.withNodes(nodes);
}

/**
 * What a chunk takes and gives; times count from its first output frame.
 *
 * @param frames of outputs: one chunk's, or those of several after each other
 */
export function chunkRequest(
  network: Network,
  shape: LoopShape,
  first: boolean,
  frames: number = shape.chunk,
): ComputationRequest {
  const { chunk, leftContext, rightContext, frameSubsamplingFactor: stride } = shape;
  const start = first ? -leftContext : rightContext;
  const inputs: IoRequest[] = [{ name: 'input', first: start, count: frames + rightContext - start, stride: 1 }];
  if (network.hasNode('ivector')) {
    const from = (first ? Math.floor(start / chunk) : Math.ceil(start / chunk)) * chunk;
    const count = Math.floor((frames + rightContext - 1 - from) / chunk) + 1;
    inputs.push({ name: 'ivector', first: from, count, stride: chunk });
  }
  const outputs = shape.outputs.map((name) => ({ name, first: 0, count: frames / stride, stride }));
  return { sequences: shape.sequences, inputs, outputs };
}

export interface ChunkPlan {
  readonly request: ComputationRequest;
  readonly plan: Plan;
  /** What the next chunk has at hand, in its own times. */
  readonly next: ReadonlyMap<string, readonly Index[]>;
}

/**
 * Plans a chunk of a stream. It computes what no chunk before it has, and keeps all rows of a node from the first
 * that the chunks after it will read.
 */
export function planChunk(
  network: Network,
  shape: LoopShape,
  carried: ReadonlyMap<string, readonly Index[]>,
  first: boolean,
): ChunkPlan {
  const request = chunkRequest(network, shape, first);
  const needed = chunkDemand(network, request, shape, carried);
  const available = new Map<string, readonly Index[]>();
  const add = (node: string, rows: readonly Index[]): void => {
    available.set(node, sortedIndexes([...(available.get(node) ?? []), ...rows]));
  };
  for (const [node, rows] of carried) add(node, rows);
  for (const input of request.inputs) add(input.name, rangeIndexes(input));
  for (const [node, rows] of needed) if (network.node(node).kind === 'component') add(node, rows);

  const later = new Map(Array.from(available, ([node, rows]) => [node, rows.map((i) => shift(i, -shape.chunk))]));
  const ahead = { ...shape, chunk: shape.chunk * Math.max(1, Math.ceil(shape.phases / shape.chunk)) };
  const reads = chunkDemand(network, chunkRequest(network, shape, false, ahead.chunk), ahead, later);
  const keep = new Map<string, readonly Index[]>();
  const next = new Map<string, readonly Index[]>();
  for (const [node, rows] of later) {
    const here = new Set(rows);
    const firstRead = reads.get(node)?.find((i) => here.has(i));
    if (firstRead === undefined) continue;
    const kept = rows.filter((i) => i >= firstRead);
    next.set(node, kept);
    keep.set(
      node,
      kept.map((i) => shift(i, shape.chunk)),
    );
  }
  const carry: Carry = { carried, keep };
  return { request, plan: makePlan(network, request, carry), next };
}

function chunkDemand(
  network: Network,
  request: ComputationRequest,
  shape: LoopShape,
  carried: ReadonlyMap<string, readonly Index[]>,
): Map<string, Index[]> {
  const sets = new Map(Array.from(carried, ([node, rows]) => [node, new Set(rows)]));
  for (const input of request.inputs) {
    const set = sets.get(input.name) ?? new Set();
    for (const at of rangeIndexes(input)) set.add(at);
    sets.set(input.name, set);
  }
  const given = (node: string, at: Index): boolean => sets.get(node)?.has(at) ?? false;
  const times = [...sets.values()].flatMap((set) => Array.from(set, timeOf));
  const span = { first: Math.min(0, ...times), last: shape.chunk + shape.rightContext };
  const computable = new Computability(network, given, span);
  const wanted = new Map(
    request.outputs.map((o) => [o.name, rangeIndexes(o).filter((at) => computable.node(o.name, at))]),
  );
  const groups = nodeGroups(network, [...wanted.keys()]);
  return demand(network, groups, wanted, computable, given);
}

export const chunkKey = (carried: ReadonlyMap<string, readonly Index[]>): string =>
  JSON.stringify(Array.from(carried, ([node, rows]) => [node, rows]).sort());
