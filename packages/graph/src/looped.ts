import type { Engine, Tensor } from '@jebena/engine';
import { matrix, type Matrix } from '@jebena/io-ark';
import { type Carrier, CarriedRows } from './carried-rows.js';
import { Computation } from './computation.js';
import { NetworkError } from './errors.js';
import type { Index } from './indexes.js';
import type { LoadedComponent } from './loaded-component.js';
import {
  type ChunkPlan,
  chunkKey,
  chunkRequest,
  loopChunk,
  type LoopShape,
  planChunk,
  withIvectorPeriod,
} from './looped-plan.js';
import type { Network } from './network.js';
import type { Pass } from './pass.js';
import type { PassRun } from './pass-run.js';
import { recurrences } from './recurrences.js';
import type { ComputationRequest } from './request.js';

export interface LoopedOptions {
  /** Frames a chunk, at least; rounded up to what repeats in time. Default 20. */
  readonly framesPerChunk?: number;
  readonly frameSubsamplingFactor?: number;
  /** Streams that run in step. Default 1. */
  readonly sequences?: number;
  /** Frames before the first output beyond what the network needs. Default 0. */
  readonly extraLeftContextInitial?: number;
  /** Outputs that are wanted. Default `output`. */
  readonly outputs?: readonly string[];
}

/** A chunk of a stream by what is at hand before it; planned for as many streams at once as come. */
interface LoopStep {
  /** Its place in the order in which a stream meets the steps. */
  readonly number: number;
  readonly carried: ReadonlyMap<string, readonly Index[]>;
  /** For one stream. */
  readonly planned: ChunkPlan;
  readonly computations: Map<number, Computation>;
  next?: LoopStep | undefined;
}

/** Where a stream stands, as plain data: what its next chunk needs of those before. */
export interface LoopedState {
  /** Chunks done. */
  readonly chunks: number;
  /** Which plan the last one had; -1 at the beginning. */
  readonly step: number;
  /** Rows by node. */
  readonly carried: Readonly<Record<string, Matrix>>;
}

/**
 * Runs a network over a stream, chunk by chunk: each chunk computes only what is new, with the rows it needs of
 * those before it at hand. The plan is made for the first chunks and then repeats.
 *
 * The first chunk takes `firstFrames` input frames, from `leftContext` frames before the first output (where the
 * stream has none, its first frame is repeated); each later one takes `chunk` frames. At its end, repeat the last
 * frame to fill the chunk.
 *
 * The outputs are those of one pass over the whole stream, whatever the chunks. What a layer may do without (frames
 * that statistics and attention take where they are there, IfDefined, zero padding) is there for a chunk if it comes
 * before the chunk's last input frame: such layers see all of the past that they look at, and of the future what the
 * chunk has.
 */
export class Looped {
  private readonly network: Network;
  private readonly shape: LoopShape;
  private readonly steps = new Map<string, LoopStep>();

  /** @throws NetworkError for a recurrence that looks ahead, as in a bidirectional network */
  constructor(
    network: Network,
    private readonly components: ReadonlyMap<string, LoadedComponent>,
    private readonly engine: Engine,
    options: LoopedOptions = {},
  ) {
    const factor = options.frameSubsamplingFactor ?? 1;
    const chunk = loopChunk(options.framesPerChunk ?? 20, network.modulus, factor);
    const outputs = options.outputs ?? ['output'];
    const { ahead, longest } = recurrences(network, outputs);
    if (ahead !== undefined)
      throw new NetworkError(
        'ERR_NOT_COMPUTABLE',
        'looped: expected recurrences that look back, found one that looks ahead: its rows depend on the end of the stream',
        { name: ahead },
      );
    this.shape = {
      sequences: options.sequences ?? 1,
      chunk,
      frameSubsamplingFactor: factor,
      leftContext: network.leftContext + (options.extraLeftContextInitial ?? 0),
      rightContext: network.rightContext,
      outputs,
      // Outputs of so many frames read rows of every phase of every recurrence.
      phases: 2 * longest * factor,
    };
    this.network = withIvectorPeriod(network, chunk);
  }

  /** Input frames that each chunk after the first takes. */
  get chunk(): number {
    return this.shape.chunk;
  }
  /** Output frames of each chunk. */
  get outputFrames(): number {
    return this.shape.chunk / this.shape.frameSubsamplingFactor;
  }
  get leftContext(): number {
    return this.shape.leftContext;
  }
  get rightContext(): number {
    return this.shape.rightContext;
  }
  /** Input frames that the first chunk takes. */
  get firstFrames(): number {
    return this.shape.leftContext + this.shape.chunk + this.shape.rightContext;
  }
  get sequences(): number {
    return this.shape.sequences;
  }

  /** What the first or a later chunk takes, with times that count from its first output. */
  request(first: boolean): ComputationRequest {
    return chunkRequest(this.network, this.shape, first);
  }

  /**
   * A stream at its beginning, or where another one stood.
   *
   * @throws NetworkError for the state of a stream of another network, or cut otherwise
   */
  stream(state?: LoopedState): LoopedStream {
    const stream = new LoopedStream(this, this.engine);
    if (state && state.step >= 0) this.restore(stream, state);
    return stream;
  }

  /**
   * Computes the next chunk of streams that have done as many steps (`phase`) at once: faster than one after the other,
   * with the same results up to rounding.
   *
   * @param inputs `input`: the new frames, time-major, those of one time in the order of the streams; `ivector`, where
   *   the network has one: one row a stream
   * @returns a pass that holds the outputs, time-major, until it is disposed
   */
  advance(streams: readonly LoopedStream[], inputs: Readonly<Record<string, Tensor>>): Pass {
    const { engine } = this;
    const [first] = streams;
    if (!first) throw new NetworkError('ERR_NETWORK_DIM', 'looped: expected streams to advance, found none');
    for (const stream of streams)
      if (stream.at !== first.at)
        throw new NetworkError(
          'ERR_NOT_COMPUTABLE',
          `looped: expected streams of one phase, found ${first.phase} and ${stream.phase}`,
        );
    const step = this.step(first.at);
    const computation = this.computation(step, streams.length);
    const whole = first.at ? CarriedRows.whole(streams) : new Map<string, Tensor>();
    const carried = whole ?? CarriedRows.gather(engine, streams);
    const given: Record<string, Tensor> = { ...inputs };
    // One iVector serves for all that is computed now.
    const ivectors = computation.request.inputs.find((i) => i.name === 'ivector');
    const ivector = inputs['ivector'];
    const repeated = ivectors && ivector && ivectors.count > 1;
    if (repeated) given['ivector'] = engine.concatRows(Array.from({ length: ivectors.count }, () => ivector));
    let kept: Map<string, Tensor>;
    let run: PassRun | undefined;
    try {
      run = computation.start(given, {}, carried);
      run.forward();
      kept = run.kept();
    } catch (error) {
      run?.dispose();
      throw error;
    } finally {
      if (repeated) engine.dispose(given['ivector']);
      if (!whole) engine.dispose(...carried.values());
    }
    CarriedRows.leave(streams);
    CarriedRows.hold(engine, kept, streams, this.shape.sequences);
    for (const stream of streams) stream.took(step);
    return run;
  }

  private restore(stream: LoopedStream, { chunks, step: number, carried }: LoopedState): void {
    let step = this.step(undefined);
    for (let i = 0; i < number; i++) step = this.step(step);
    const fail = (found: string): never => {
      throw new NetworkError(
        'ERR_NETWORK_DIM',
        `looped: expected the state of a stream of this network, found ${found}`,
      );
    };
    if (step.number !== number) fail(`one at step ${number} of ${this.steps.size}`);
    for (const [node, indexes] of step.planned.next) {
      const rows = indexes.length * this.shape.sequences;
      const cols = this.network.nodeDim(node);
      const m = carried[node];
      if (m?.rows !== rows || m.cols !== cols)
        fail(`${m ? `${m.rows} x ${m.cols}` : 'nothing'} of '${node}', not ${rows} x ${cols}`);
    }
    const tensors = Array.from(step.planned.next.keys(), (node): [string, Tensor] => {
      const { rows, cols, data } = carried[node]!;
      return [node, this.engine.tensor(rows, cols, data)];
    });
    CarriedRows.hold(this.engine, new Map(tensors), [stream], this.shape.sequences);
    stream.took(step, chunks);
  }

  /** The plan of the chunk after `before`; the first where there is none. */
  private step(before: LoopStep | undefined): LoopStep {
    if (before?.next) return before.next;
    const carried = before?.planned.next ?? new Map();
    const key = before ? chunkKey(carried) : 'first';
    let step = this.steps.get(key);
    if (!step) {
      if (this.steps.size > 100)
        throw new NetworkError(
          'ERR_NOT_COMPUTABLE',
          'looped: expected chunks to become alike, found no end of new ones',
        );
      const planned = planChunk(this.network, this.shape, carried, !before);
      step = { number: this.steps.size, carried, planned, computations: new Map() };
      this.steps.set(key, step);
    }
    if (before) before.next = step;
    return step;
  }

  private computation(step: LoopStep, streams: number): Computation {
    let computation = step.computations.get(streams);
    if (!computation) {
      const shape = { ...this.shape, sequences: this.shape.sequences * streams };
      const { request, plan } =
        streams === 1 ? step.planned : planChunk(this.network, shape, step.carried, step.number === 0);
      computation = new Computation(this.engine, request, plan, this.components);
      step.computations.set(streams, computation);
    }
    return computation;
  }

  dispose(): void {
    for (const { computations } of this.steps.values())
      for (const computation of computations.values()) computation.dispose();
    this.steps.clear();
  }
}

/** One stream (or several in step): holds what its next chunk needs of those before. */
export class LoopedStream implements Carrier {
  /** @internal The step of its last chunk. */
  at: LoopStep | undefined;
  /** @internal */
  carried: CarriedRows | undefined;
  /** @internal */
  place = 0;
  /** Chunks done. */
  chunks = 0;

  constructor(
    private readonly looped: Looped,
    private readonly engine: Engine,
  ) {}

  /** Streams of one phase can be computed together. */
  get phase(): number {
    return this.at?.number ?? -1;
  }

  /**
   * Computes the next chunk.
   *
   * @param inputs `input`: the new frames, time-major; `ivector`, where the network has one: one row a sequence
   * @returns a pass that holds the outputs until it is disposed
   */
  advance(inputs: Readonly<Record<string, Tensor>>): Pass {
    return this.looped.advance([this], inputs);
  }

  /** Where it stands now; it may go on meanwhile. */
  async state(): Promise<LoopedState> {
    const { chunks, phase: step, engine } = this;
    const tensors = this.carried ? CarriedRows.gather(engine, [this]) : new Map<string, Tensor>();
    try {
      const entries = Array.from(tensors, async ([node, t]): Promise<[string, Matrix]> => [
        node,
        matrix(t.rows, t.cols, (await engine.read(t)).slice()),
      ]);
      return { chunks, step, carried: Object.fromEntries(await Promise.all(entries)) };
    } finally {
      engine.dispose(...tensors.values());
    }
  }

  /** @internal */
  took(step: LoopStep, chunks: number = this.chunks + 1): void {
    this.at = step;
    this.chunks = chunks;
  }

  /** Goes back to the beginning. */
  reset(): void {
    this.dispose();
    this.at = undefined;
    this.chunks = 0;
  }

  dispose(): void {
    CarriedRows.leave([this]);
  }
}
