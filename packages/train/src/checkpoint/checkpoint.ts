import type { Engine } from '@jebena/engine';
import { type HostStatistics, type Model, Network } from '@jebena/graph';
import { decodeFrame, encodeFrame, type Matrix } from '@jebena/io-ark';
import type { Optimizer } from '../optimizers/optimizer.js';

/** A checkpoint that does not belong to what it is to go on with. */
export class CheckpointError extends Error {
  readonly code = 'ERR_CHECKPOINT';
  override readonly name = 'CheckpointError';
}

/** What computed: another of any of these may round otherwise. */
export interface Machine {
  readonly engine: string;
  readonly version: string;
  readonly precision: string;
  readonly threads: number;
}

interface Shape {
  readonly rows: number;
  readonly cols: number;
}

interface Header {
  readonly kind: 'checkpoint';
  readonly steps: number;
  readonly machine: Machine;
  readonly optimizer: string;
  readonly network: Uint8Array;
  /** Shapes of the sums, and the counts, by component. */
  readonly statistics: Record<string, { shapes: Record<string, Shape>; counts: Record<string, number> }>;
  readonly extra: unknown;
}

const machineOf = ({ name, version, precision, threads }: Engine): Machine => ({
  engine: name,
  version,
  precision,
  threads,
});

/**
 * All that a run needs to go on after this step as if it had never stopped, in one file's bytes: parameters, sums of
 * statistics, the optimizer's state (that of natural gradient too), the count of steps, from which every random draw of
 * training follows, and what else the caller has, such as its place in the stream of minibatches. Call it between
 * steps: after an event of `train`.
 *
 * @param extra plain values and typed arrays
 */
export async function saveCheckpoint(
  model: Model,
  optimizer: Optimizer,
  steps: number,
  extra: unknown = undefined,
): Promise<Uint8Array> {
  const arrays: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(await optimizer.state())) arrays[`optimizer/${name}`] = values;
  const statistics: Header['statistics'] = {};
  for (const [component, { sums, counts }] of Object.entries(await model.statistics())) {
    const shapes: Record<string, Shape> = {};
    for (const [name, { rows, cols, data }] of Object.entries(sums)) {
      shapes[name] = { rows, cols };
      arrays[`statistics/${component}/${name}`] = Float32Array.from(data);
    }
    statistics[component] = { shapes, counts: { ...counts } };
  }
  const network = (await model.save()).toBytes();
  const header: Header = {
    kind: 'checkpoint',
    steps,
    machine: machineOf(model.engine),
    optimizer: optimizer.name,
    network,
    statistics,
    extra,
  };
  return encodeFrame({ header, arrays });
}

/**
 * What {@link saveCheckpoint} wrote.
 *
 * @example
 * ```ts
 * const checkpoint = new Checkpoint<{ minibatch: number }>(readFileSync(path), path);
 * const model = checkpoint.network.load(engine);
 * const optimizer = kaldiSgd()(model);
 * checkpoint.restore(model, optimizer);
 * // train(model, { optimizer, firstStep: checkpoint.steps, ... }) on minibatches from checkpoint.extra.minibatch on
 * ```
 */
export class Checkpoint<E = unknown> {
  readonly network: Network;
  private readonly header: Header;
  private readonly arrays: Record<string, Float32Array>;

  /** @throws FrameError, CheckpointError where the bytes are none */
  constructor(
    bytes: Uint8Array,
    private readonly path: string = 'checkpoint',
  ) {
    const { header, arrays } = decodeFrame<Header>(bytes, path);
    if (header?.kind !== 'checkpoint') throw new CheckpointError(`${path}: expected a checkpoint, found another frame`);
    this.header = header;
    this.arrays = arrays;
    this.network = Network.fromBytes(header.network, path);
  }

  /** Steps made before it. */
  get steps(): number {
    return this.header.steps;
  }

  /** What the caller gave. */
  get extra(): E {
    return this.header.extra as E;
  }

  /** Says in which way an engine is not the one that the checkpoint was made with; undefined where it is. */
  difference(engine: Engine): string | undefined {
    const { machine } = this.header;
    const now = machineOf(engine);
    const other = (Object.keys(now) as (keyof Machine)[]).find((key) => now[key] !== machine[key]);
    return other && `made with ${other} ${machine[other]}, not ${now[other]}`;
  }

  /**
   * Gives the optimizer its state and the model its statistics; the model is one of {@link network}.
   *
   * @throws CheckpointError for another optimizer
   */
  restore(model: Model, optimizer: Optimizer): void {
    const { header, arrays } = this;
    if (header.optimizer !== optimizer.name)
      throw new CheckpointError(
        `${this.path}: expected the state of '${optimizer.name}', found that of '${header.optimizer}'`,
      );
    const state: Record<string, Float32Array> = {};
    for (const [name, values] of Object.entries(arrays))
      if (name.startsWith('optimizer/')) state[name.slice('optimizer/'.length)] = values;
    optimizer.restore(state);
    const statistics: Record<string, HostStatistics> = {};
    for (const [component, { shapes, counts }] of Object.entries(header.statistics)) {
      const sums: Record<string, Matrix> = {};
      for (const [name, shape] of Object.entries(shapes))
        sums[name] = { ...shape, data: arrays[`statistics/${component}/${name}`]! };
      statistics[component] = { sums, counts };
    }
    model.restoreStatistics(statistics);
  }
}
