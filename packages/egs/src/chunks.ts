import { atLeast, choice, defineOptions, int, type OptionValues, resolveOptions } from '@jebena/options';
import { type Stage, type StageOptions, stage } from '@jebena/stream';
import { ChainError } from '@jebena/chain';
import type { Example, ExampleInput, ExampleOutput } from './example.js';
import type { Position, Resumable } from './position.js';
import { Random } from './random.js';
import { type EgsReport, leaveOut } from './report.js';
import { SplitStatistics } from './split-statistics.js';
import { sliceTargets, targetRows } from './targets.js';
import type { UtteranceExample, UtteranceOutput } from './utterance-example.js';
import { type ChunkPlace, UtteranceSplitter } from './utterance-splitter.js';

/** How chunks are cut; frames count input frames. */
export const chunkOptions = defineOptions({
  leftContext: int(0, 'Frames of left context of each chunk', atLeast(0)),
  rightContext: int(0, 'Frames of right context of each chunk', atLeast(0)),
  leftContextInitial: int(-1, 'Left context of the first chunk of an utterance; -1: as the others', atLeast(-1)),
  rightContextFinal: int(-1, 'Right context of the last chunk of an utterance; -1: as the others', atLeast(-1)),
  extraLeftContext: int(0, 'Left context beyond what the network needs, for recurrent networks', atLeast(0)),
  extraRightContext: int(0, 'Right context beyond what the network needs', atLeast(0)),
  frameSubsamplingFactor: int(1, 'Input frames for each output of the network', atLeast(1)),
  overlap: int(0, 'Frames by which adjacent primary chunks overlap', atLeast(0)),
  frameShift: int(0, 'Frames by which the features are moved against the targets'),
  lengthTolerance: int(100, 'By how many frames inputs of an utterance may differ', atLeast(0)),
  ivectorFrame: choice('random', ['random', 'middle'], 'The frame of a chunk whose i-vector it takes'),
  seed: int(0, 'Seed of the choice of splits, gaps and i-vectors'),
});

export interface ChunkOptions extends Partial<OptionValues<typeof chunkOptions>>, StageOptions {
  /** Chunk sizes in frames, the primary first; -1 for whole utterances. */
  readonly sizes: number | readonly number[];
  /** Counts utterances that are left out; without it, they are errors. */
  readonly report?: EgsReport | undefined;
  /** Where the pipeline's position is kept, so that it can go on after a crash. */
  readonly position?: Position | undefined;
}

/**
 * Cuts utterances into training examples: the hot loop of {@link chunks}, free of promises.
 */
export class Chunker implements Resumable<UtteranceExample, Example> {
  /** What was cut so far. */
  readonly statistics: SplitStatistics = new SplitStatistics();
  private readonly splitter: UtteranceSplitter;
  private readonly options: OptionValues<typeof chunkOptions>;
  private readonly report: EgsReport | undefined;

  constructor({ sizes, report, position: _position, signal: _signal, ...options }: ChunkOptions) {
    this.options = resolveOptions(chunkOptions, options);
    this.report = report;
    this.splitter = new UtteranceSplitter({ ...this.options, sizes: typeof sizes === 'number' ? [sizes] : sizes });
  }

  /** The chunks of one utterance in order of time; features are shared with it, not copied. */
  push(utterance: UtteranceExample): Example[] {
    const { key, frames } = utterance;
    if (this.misfit(utterance)) return [];
    const random = Random.of(this.options.seed, key);
    const places = this.splitter.split(frames, random);
    this.statistics.add(frames, places);
    if (places.length === 0) this.tooShort(utterance);
    return this.cutAt(utterance, places, random);
  }

  flush(): Example[] {
    return [];
  }

  /** An utterance is cut by its key alone: there is nothing to save. */
  save(): null {
    return null;
  }

  restore(): void {}

  /** The chunks at given places, in order of time: a split of one's own. */
  cutAt(utterance: UtteranceExample, places: readonly ChunkPlace[], random: Random): Example[] {
    return places.flatMap((place, i) => this.cut(utterance, place, i === 0, i === places.length - 1, random) ?? []);
  }

  /**
   * One chunk at a random place, each as likely as the other, by the first of the sizes; its context is that of a
   * chunk within an utterance. Undefined, and counted, where the utterance is shorter.
   */
  sample(utterance: UtteranceExample, random: Random): Example | undefined {
    const factor = this.options.frameSubsamplingFactor;
    const frames = this.splitter.sizes[0] ?? Math.ceil(utterance.frames / factor) * factor;
    if (this.misfit(utterance)) return undefined;
    const room = Math.ceil(utterance.frames / factor) - frames / factor;
    if (room < 0) {
      this.tooShort(utterance);
      return undefined;
    }
    const place = { first: random.below(room + 1) * factor, frames, weights: undefined };
    return this.cut(utterance, place, false, false, random);
  }

  private tooShort({ key, frames }: UtteranceExample): void {
    const message = `${frames} frames, chunks have at least ${this.splitter.shortest}`;
    leaveOut(this.report, { kind: 'too-short', key, message });
  }

  /** Whether the inputs differ too much in length; counts it. */
  private misfit({ key, frames, inputs }: UtteranceExample): boolean {
    const wrong = inputs.find(({ feats }) => Math.abs(feats.rows - frames) > this.options.lengthTolerance);
    if (!wrong) return false;
    const message = `${wrong.feats.rows} frames of '${wrong.name}' where there are ${frames} of '${inputs[0]!.name}'`;
    leaveOut(this.report, { kind: 'length-mismatch', key, message });
    return true;
  }

  private cut(
    utterance: UtteranceExample,
    place: ChunkPlace,
    initial: boolean,
    final: boolean,
    random: Random,
  ): Example | undefined {
    const { options } = this;
    const left =
      initial && options.leftContextInitial >= 0
        ? options.leftContextInitial
        : options.leftContext + options.extraLeftContext;
    const right =
      final && options.rightContextFinal >= 0
        ? options.rightContextFinal
        : options.rightContext + options.extraRightContext;
    const inputs: ExampleInput[] = utterance.inputs.map(({ name, feats }) => ({
      name,
      first: -left,
      count: left + place.frames + right,
      stride: 1,
      source: feats,
      start: place.first - left - options.frameShift,
    }));
    for (const { name, vectors, period } of utterance.vectors) {
      const within = Math.min(place.frames, utterance.frames - place.first);
      const frame = place.first + (options.ivectorFrame === 'middle' ? within >> 1 : random.below(within));
      const start = vectors.rows === 1 ? 0 : Math.floor(frame / period);
      inputs.push({ name, first: 0, count: 1, stride: 1, source: vectors, start });
    }
    const key = `${utterance.key}-${place.first}`;
    try {
      return { key, inputs, outputs: utterance.outputs.map((output) => this.cutOutput(output, place)) };
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      leaveOut(this.report, { kind: 'bad-supervision', key, utterance: utterance.key, message: error.message });
      return undefined;
    }
  }

  private cutOutput({ name, targets, stride }: UtteranceOutput, { first, frames, weights }: ChunkPlace): ExampleOutput {
    const factor = this.options.frameSubsamplingFactor;
    const count = frames / factor;
    const range = { name, first: 0, count, stride: factor };
    if (targets.kind === 'utterance-supervision') {
      const start = first / factor;
      return { ...range, targets: targets.cut(start, count), weights: targets.weights(start, count, weights) };
    }
    const step = factor / stride;
    if (!Number.isInteger(step))
      throw new RangeError(`output '${name}': targets have a row every ${stride} frames, outputs come every ${factor}`);
    const start = Math.min(first / stride, targetRows(targets) - 1);
    return { ...range, targets: sliceTargets(targets, start, count, step), weights };
  }
}

/**
 * Cuts utterances into chunks with context, as `nnet3-get-egs` does; an utterance is cut the same way whenever the
 * seed and its key are the same. Give another seed for another epoch.
 *
 * @example
 * ```ts
 * pipe(feats, withTargets(alignments), chunks({ sizes: [150, 110, 90], leftContext: 13, rightContext: 9, seed: 1 }))
 * ```
 * @throws EgsError for an utterance shorter than every chunk, where there is no report
 */
export const chunks = (options: ChunkOptions): Stage<UtteranceExample, Example> => {
  const make = (): Chunker => new Chunker(options);
  return options.position ? options.position.stage('chunks', make, options) : stage(make, options);
};
