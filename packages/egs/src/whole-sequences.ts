import { UsageError } from '@jebena/options';
import { type Stage, type StageOptions, stage } from '@jebena/stream';
import { Chunker, type ChunkOptions } from './chunks.js';
import type { Example } from './example.js';
import { mergeExamples } from './merge-examples.js';
import type { ChunkTargets, Minibatch } from './minibatch.js';
import { Random } from './random.js';
import type { UtteranceExample } from './utterance-example.js';

export interface WholeSequenceOptions extends Omit<ChunkOptions, 'sizes' | 'overlap' | 'position'>, StageOptions {
  /** Frames that a batch may hold, padding included; at least one sequence is in it. */
  readonly framesPerBatch: number;
  /** Sequences that a batch may hold. Default: any number. */
  readonly sequencesPerBatch?: number;
  /** Lengths are sorted into buckets; each is so many times as wide as the one before. Default 1.2. */
  readonly bucketRatio?: number;
  /** Longer utterances are cut into equal pieces; see {@link curriculumLength}. Default: they are not. */
  readonly longest?: number;
}

/**
 * The longest sequence of an epoch, for a curriculum that begins with short ones: `start` frames in epoch 0, times
 * `factor` in each one after, at most `most`.
 */
export const curriculumLength = (
  epoch: number,
  { start, factor = 2, most = Infinity }: { start: number; factor?: number; most?: number },
): number => Math.min(most, Math.floor(start * factor ** epoch));

/** Sorts whole sequences by length and pads those of like length to one batch. */
class SequenceBatcher {
  private readonly buckets = new Map<string, Example[]>();
  private readonly chunker: Chunker;
  private made = 0;

  constructor(private readonly options: WholeSequenceOptions) {
    const { framesPerBatch, sequencesPerBatch = Infinity, bucketRatio = 1.2, longest = Infinity, ...rest } = options;
    for (const [name, value, least] of [
      ['framesPerBatch', framesPerBatch, 1],
      ['sequencesPerBatch', sequencesPerBatch, 1],
      ['longest', longest, 1],
      ['bucketRatio', bucketRatio, 1.0001],
    ] as const)
      if (!(value >= least)) throw new UsageError(`${name}: expected at least ${least}, found ${value}`);
    this.chunker = new Chunker({ ...rest, sizes: -1 });
  }

  push(utterance: UtteranceExample): Minibatch[] {
    const { longest = Infinity, bucketRatio = 1.2, frameSubsamplingFactor: factor = 1, seed = 0 } = this.options;
    const pieces = Math.max(1, Math.ceil(utterance.frames / longest));
    const rows = Math.ceil(utterance.frames / factor);
    const ends = Array.from({ length: pieces + 1 }, (_, i) => Math.floor((rows * i) / pieces) * factor);
    const places = ends.slice(1).map((end, i) => ({ first: ends[i]!, frames: end - ends[i]!, weights: undefined }));
    const cut = this.chunker.cutAt(
      utterance,
      places.filter((p) => p.frames > 0),
      Random.of(seed, utterance.key),
    );
    return cut.flatMap((example) => {
      const length = outputRows(example);
      // Pieces at the ends of an utterance may have other context: they are not merged with those between.
      const { first, count } = example.inputs[0]!;
      const bucket = `${Math.floor(Math.log(length) / Math.log(bucketRatio))} ${first} ${count - length * factor}`;
      const held = this.buckets.get(bucket) ?? [];
      const batches: Minibatch[] = [];
      if (held.length > 0 && !this.fits([...held, example])) batches.push(this.batch(held.splice(0)));
      held.push(example);
      this.buckets.set(bucket, held);
      return batches;
    });
  }

  private fits(examples: readonly Example[]): boolean {
    const { framesPerBatch, sequencesPerBatch = Infinity, frameSubsamplingFactor: factor = 1 } = this.options;
    const longest = Math.max(...examples.map(outputRows));
    return examples.length <= sequencesPerBatch && examples.length * longest * factor <= framesPerBatch;
  }

  flush(): Minibatch[] {
    const held = [...this.buckets.values()].filter((bucket) => bucket.length > 0);
    this.buckets.clear();
    return held.map((bucket) => this.batch(bucket));
  }

  private batch(examples: readonly Example[]): Minibatch {
    const rows = Math.max(...examples.map(outputRows));
    const padded = examples.map((example) => pad(example, rows));
    return mergeExamples(padded, `merged-${this.made++}-${examples.length}`);
  }
}

const outputRows = (example: Example): number => example.outputs[0]!.count;

/** Lengthens an example; what is added has weight 0 and no labels. */
function pad(example: Example, rows: number): Example {
  const own = outputRows(example);
  if (own === rows) return example;
  const { stride } = example.outputs[0]!;
  const inputs = example.inputs.map((io) =>
    io.name === 'ivector' ? io : { ...io, count: io.count + (rows - own) * stride },
  );
  const outputs = example.outputs.map((io) => {
    const weights = new Float32Array(rows);
    if (io.weights) weights.set(io.weights);
    else weights.fill(1, 0, own);
    return { ...io, count: rows, targets: padTargets(io.targets, own, rows), weights };
  });
  return { ...example, inputs, outputs };
}

function padTargets(targets: ChunkTargets, own: number, rows: number): ChunkTargets {
  switch (targets.kind) {
    case 'labels': {
      const labels = new Int32Array(rows).fill(-1);
      labels.set(targets.labels);
      return { ...targets, labels };
    }
    case 'posterior': {
      const rowStart = new Int32Array(rows + 1).fill(targets.rowStart[own]!);
      rowStart.set(targets.rowStart);
      return { ...targets, rowStart };
    }
    case 'dense': {
      const data = new Float32Array(rows * targets.dim);
      data.set(targets.values.data);
      return { ...targets, values: { rows, cols: targets.dim, data } };
    }
    case 'chain': {
      const { supervision } = targets;
      if (!supervision.e2eFsts)
        throw new RangeError(
          `supervision of ${own} output frames cannot be padded to ${rows}, as it is not end to end: cut chunks of a few sizes`,
        );
      return { ...targets, supervision: { ...supervision, framesPerSequence: rows, lengths: Int32Array.of(own) } };
    }
  }
}

/**
 * Makes minibatches of whole utterances: those of like length together, padded to the longest of them. Frames of
 * padding have weight 0 (the mask) and the label -1; their features repeat the last frame.
 *
 * @example
 * ```ts
 * pipe(utterances, shuffle({ seed: epoch }), wholeSequences({ framesPerBatch: 20000, longest: curriculumLength(epoch, { start: 200 }) }))
 * ```
 */
export const wholeSequences = (options: WholeSequenceOptions): Stage<UtteranceExample, Minibatch> =>
  stage(() => new SequenceBatcher(options), options);
