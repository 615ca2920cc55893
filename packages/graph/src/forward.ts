import type { Engine } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import { resolveOptions } from '@jebena/options';
import { type Item, type Stage, stage, type StageOptions, type Transformer } from '@jebena/stream';
import { NetworkError } from './errors.js';
import { forwardOptions, type ForwardPassOptions } from './forward-options.js';
import { forInference } from './inference.js';
import type { Model } from './model.js';
import type { Network } from './network.js';
import { ivectorRow, type UtteranceChunk, utteranceChunks } from './utterance-chunks.js';

/** Features of an utterance, perhaps with iVectors: one row for all of it, or one for each period of frames. */
export interface Utterance {
  readonly feats: Matrix;
  readonly ivectors?: Matrix | undefined;
}

interface Pending {
  readonly key: string;
  readonly utterance: Utterance;
  readonly result: Matrix;
  left: number;
}

interface Job {
  readonly pending: Pending;
  readonly chunk: UtteranceChunk;
}

/**
 * The network's output `output` for each utterance: rows are frames after subsampling. Chunks of one shape are
 * computed together, over utterances; results come in the order of the input.
 *
 * Given priors, their logarithms are subtracted, which makes log likelihoods of log posteriors.
 *
 * @throws NetworkError where features do not have the network's dimension
 */
export function forward(
  network: Network,
  engine: Engine,
  options: Partial<ForwardPassOptions> & StageOptions & { priors?: Float32Array | undefined } = {},
): Stage<Item<Matrix | Utterance>, Item<Matrix>> {
  const { signal, priors, ...rest } = options;
  const resolved = resolveOptions(forwardOptions, rest);
  const prepared = forInference(network, { collapse: resolved.collapse });
  return (source) => {
    let model: Model | undefined;
    const make = (): Transformer<Item<Matrix | Utterance>, Item<Matrix>> => {
      model = prepared.load(engine);
      return new ForwardPass(network, model, resolved, priors);
    };
    const free = (): void => {
      model?.dispose();
      model = undefined;
    };
    return freeing(stage(make, { signal })(source)[Symbol.asyncIterator](), free);
  };
}

/** Calls `free` when an iterator has ended, by itself, by an error or by its reader. */
function freeing<T>(inner: AsyncIterator<T>, free: () => void): AsyncIterableIterator<T> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const result = await inner.next();
        if (result.done) free();
        return result;
      } catch (error) {
        free();
        throw error;
      }
    },
    async return() {
      try {
        return (await inner.return?.()) ?? { done: true, value: undefined };
      } finally {
        free();
      }
    },
  };
}

/** Utterances waiting for company in a minibatch, at most; what a stage holds must not grow without end. */
const maxPending = 64;

/** Collects chunks of one shape, runs them together and puts the utterances back together. */
export class ForwardPass implements Transformer<Item<Matrix | Utterance>, Item<Matrix>> {
  private readonly waiting = new Map<string, Job[]>();
  private readonly order: Pending[] = [];
  private readonly logPriors: Float32Array | undefined;

  constructor(
    private readonly network: Network,
    private readonly model: Model,
    private readonly options: ForwardPassOptions,
    priors?: Float32Array,
  ) {
    const dim = network.outputDim('output');
    if (priors?.length && priors.length !== dim)
      throw new NetworkError('ERR_NETWORK_DIM', `expected ${dim} priors, found ${priors.length}`);
    this.logPriors = priors?.length ? priors.map(Math.log) : undefined;
  }

  async push([key, value]: Item<Matrix | Utterance>): Promise<Item<Matrix>[]> {
    const utterance = 'feats' in value ? value : { feats: value };
    this.check(key, utterance);
    const { options, network } = this;
    const chunks = utteranceChunks(utterance.feats.rows, network, options);
    const rows = chunks.reduce((n, c) => n + c.outputs, 0);
    const pending = { key, utterance, result: matrix(rows, network.outputDim('output')), left: chunks.length };
    this.order.push(pending);
    for (const chunk of chunks) {
      const shape = `${chunk.inputs} ${chunk.firstInput - chunk.firstOutput * options.frameSubsamplingFactor} ${chunk.outputs}`;
      let jobs = this.waiting.get(shape);
      if (!jobs) this.waiting.set(shape, (jobs = []));
      jobs.push({ pending, chunk });
      if (jobs.length === options.minibatchSize) {
        this.waiting.delete(shape);
        await this.run(jobs);
      }
    }
    if (this.order.length >= maxPending) await this.runAll();
    return this.ready();
  }

  async flush(): Promise<Item<Matrix>[]> {
    await this.runAll();
    return this.ready();
  }

  private async runAll(): Promise<void> {
    for (const jobs of this.waiting.values()) await this.run(jobs);
    this.waiting.clear();
  }

  private ready(): Item<Matrix>[] {
    let count = 0;
    while (count < this.order.length && this.order[count]!.left === 0) count++;
    return this.order.splice(0, count).map(({ key, result }) => [key, result]);
  }

  private check(key: string, { feats, ivectors }: Utterance): void {
    const { network, options } = this;
    const fail = (expected: string, found: string): never => {
      throw new NetworkError('ERR_NETWORK_DIM', `expected ${expected}, found ${found}`, { name: key });
    };
    if (feats.cols !== network.inputDim()) fail(`features of dim ${network.inputDim()}`, String(feats.cols));
    if (feats.rows === 0) fail('features of at least one frame', 'none');
    const want = network.hasNode('ivector') ? network.inputDim('ivector') : 0;
    const have = ivectors?.cols ?? 0;
    if (want !== have) fail(want ? `iVectors of dim ${want}` : 'no iVectors', have ? `dim ${have}` : 'none');
    if (ivectors && ivectors.rows !== 1 && options.onlineIvectorPeriod < 1)
      fail('onlineIvectorPeriod above 0 with iVectors of many rows', String(options.onlineIvectorPeriod));
  }

  private async run(jobs: readonly Job[]): Promise<void> {
    const { model, options, network } = this;
    const { engine } = model;
    const { inputs, outputs, firstInput, firstOutput } = jobs[0]!.chunk;
    const factor = options.frameSubsamplingFactor;
    const count = jobs.length;
    const ivector = network.hasNode('ivector');
    const computation = model.compute({
      sequences: count,
      inputs: [
        { name: 'input', first: firstInput - firstOutput * factor, count: inputs, stride: 1 },
        ...(ivector ? [{ name: 'ivector', first: 0, count: 1, stride: 1 }] : []),
      ],
      outputs: [{ name: 'output', first: 0, count: outputs, stride: factor }],
    });
    const given: Record<string, ReturnType<Engine['zeros']>> = {
      input: engine.tensor(inputs * count, network.inputDim(), this.features(jobs)),
    };
    if (ivector) given['ivector'] = engine.tensor(count, network.inputDim('ivector'), this.ivectors(jobs));
    const pass = computation.forward(given);
    const y = await engine.read(pass.output('output'));
    pass.dispose();
    engine.dispose(...Object.values(given));
    jobs.forEach(({ pending, chunk }, n) => this.accept(pending, chunk, y, n, count));
  }

  /** Input frames, time-major; beyond the edges the first and last frame are repeated. */
  private features(jobs: readonly Job[]): Float32Array {
    const dim = this.network.inputDim();
    const { inputs } = jobs[0]!.chunk;
    const data = new Float32Array(inputs * jobs.length * dim);
    jobs.forEach(({ pending: { utterance }, chunk }, n) => {
      const { feats } = utterance;
      for (let i = 0; i < inputs; i++) {
        const t = Math.min(Math.max(chunk.firstInput + i, 0), feats.rows - 1);
        data.set(feats.data.subarray(t * dim, (t + 1) * dim), (i * jobs.length + n) * dim);
      }
    });
    return data;
  }

  private ivectors(jobs: readonly Job[]): Float32Array {
    const dim = this.network.inputDim('ivector');
    const data = new Float32Array(jobs.length * dim);
    jobs.forEach(({ pending: { key, utterance }, chunk }, n) => {
      const all = utterance.ivectors!;
      const period = this.options.onlineIvectorPeriod;
      const row = period === 0 ? 0 : ivectorRow(chunk.ivectorFrame, all.rows, period, key);
      data.set(all.data.subarray(row * dim, (row + 1) * dim), n * dim);
    });
    return data;
  }

  private accept(pending: Pending, chunk: UtteranceChunk, y: Float32Array, n: number, count: number): void {
    const { result } = pending;
    const dim = result.cols;
    const scale = this.options.acousticScale;
    for (let i = 0; i < chunk.outputs; i++) {
      const from = (i * count + n) * dim;
      const to = (chunk.firstOutput + i) * dim;
      for (let c = 0; c < dim; c++) result.data[to + c] = scale * (y[from + c]! - (this.logPriors?.[c] ?? 0));
    }
    pending.left--;
  }
}
