import type { Engine, Tensor } from '@jebena/engine';
import { Computation } from './computation.js';
import { NetworkError } from './errors.js';
import type { Index } from './indexes.js';
import type { LoadedComponent } from './loaded-component.js';
import { chunkKey, chunkRequest, loopChunk, type LoopShape, planChunk, withIvectorPeriod } from './looped-plan.js';
import type { Network } from './network.js';
import type { Pass } from './pass.js';
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

interface LoopStep {
  readonly computation: Computation;
  readonly carried: ReadonlyMap<string, readonly Index[]>;
  readonly nextCarried: ReadonlyMap<string, readonly Index[]>;
  next?: LoopStep | undefined;
}

/**
 * Runs a network over a stream, chunk by chunk: each chunk computes only what is new, with the rows it needs of
 * those before it at hand. The plan is made for the first chunks and then repeats.
 *
 * The first chunk takes `firstFrames` input frames, from `leftContext` frames before the first output (where the
 * stream has none, its first frame is repeated); each later one takes `chunk` frames. The outputs are those of one
 * pass over the whole stream. At its end, repeat the last frame to fill the chunk.
 */
export class Looped {
  private readonly network: Network;
  private readonly shape: LoopShape;
  private readonly steps = new Map<string, LoopStep>();

  constructor(
    network: Network,
    private readonly components: ReadonlyMap<string, LoadedComponent>,
    private readonly engine: Engine,
    options: LoopedOptions = {},
  ) {
    const factor = options.frameSubsamplingFactor ?? 1;
    const chunk = loopChunk(options.framesPerChunk ?? 20, network.modulus, factor);
    this.shape = {
      sequences: options.sequences ?? 1,
      chunk,
      frameSubsamplingFactor: factor,
      leftContext: network.leftContext + (options.extraLeftContextInitial ?? 0),
      rightContext: network.rightContext,
      outputs: options.outputs ?? ['output'],
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

  /** A stream at its beginning. */
  stream(): LoopedStream {
    return new LoopedStream(this.engine, (before) => this.step(before));
  }

  /** The plan of the chunk after `before`; the first where there is none. */
  private step(before: LoopStep | undefined): LoopStep {
    if (before?.next) return before.next;
    const carried = before?.nextCarried ?? new Map();
    const key = before ? chunkKey(carried) : 'first';
    let step = this.steps.get(key);
    if (!step) {
      if (this.steps.size > 100)
        throw new NetworkError(
          'ERR_NOT_COMPUTABLE',
          'looped: expected chunks to become alike, found no end of new ones',
        );
      const { request, plan, next } = planChunk(this.network, this.shape, carried, !before);
      step = {
        computation: new Computation(this.engine, request, plan, this.components),
        carried,
        nextCarried: next,
      };
      this.steps.set(key, step);
    }
    if (before) before.next = step;
    return step;
  }

  dispose(): void {
    for (const { computation } of this.steps.values()) computation.dispose();
    this.steps.clear();
  }
}

/** One stream (or several in step): holds what its next chunk needs of those before. */
export class LoopedStream {
  private at: LoopStep | undefined;
  private carried = new Map<string, Tensor>();
  /** Chunks done. */
  chunks = 0;

  constructor(
    private readonly engine: Engine,
    private readonly step: (before: LoopStep | undefined) => LoopStep,
  ) {}

  /**
   * Computes the next chunk.
   *
   * @param inputs `input`: the new frames, time-major; `ivector`, where the network has one: one row a sequence
   * @returns a pass that holds the outputs until it is disposed
   */
  advance(inputs: Readonly<Record<string, Tensor>>): Pass {
    const { engine } = this;
    const step = this.step(this.at);
    const { computation } = step;
    const given: Record<string, Tensor> = { ...inputs };
    // One iVector serves for all that is computed now.
    const ivectors = computation.request.inputs.find((i) => i.name === 'ivector');
    const ivector = inputs['ivector'];
    const repeated = ivectors && ivector && ivectors.count > 1;
    if (repeated) given['ivector'] = engine.concatRows(Array.from({ length: ivectors.count }, () => ivector));
    const run = computation.start(given, {}, this.carried);
    run.forward();
    const kept = run.kept();
    engine.dispose(...this.carried.values());
    if (repeated) engine.dispose(given['ivector']);
    this.carried = kept;
    this.at = step;
    this.chunks++;
    return run;
  }

  /** Goes back to the beginning. */
  reset(): void {
    this.dispose();
    this.at = undefined;
    this.chunks = 0;
  }

  dispose(): void {
    this.engine.dispose(...this.carried.values());
    this.carried.clear();
  }
}
