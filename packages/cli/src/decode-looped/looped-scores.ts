import { joinRows, OnlineScores } from '@jebena/decode-looped';
import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { type AcousticModel, forInference } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import { atLeast, defineOptions, int, type OptionValues, UsageError } from '@jebena/options';
import type { Item } from '@jebena/stream';
import type { ProgramContext } from '../program.js';

/** Options of a network that runs chunk by chunk (NnetSimpleLoopedComputationOptions). */
export const loopedOptions = defineOptions({
  engine: engineOptions.engine,
  threads: engineOptions.threads,
  framesPerChunk: int(24, 'Frames computed at a time, at least', atLeast(1)),
  frameSubsamplingFactor: int(1, 'Input frames for each output of the network', atLeast(1)),
  extraLeftContextInitial: int(0, 'Frames before the first output beyond what the network needs', atLeast(0)),
});

/** What there is of an utterance beside its features. */
export interface LoopedUtterance {
  readonly pieces: Iterable<Matrix>;
  /** See `OnlineScores`. */
  readonly ivector?: Float32Array | ((endFrame: number) => Float32Array) | undefined;
  /** Is given scores as they come; true where what follows is not wanted any more. */
  readonly ended?: ((scores: Matrix) => boolean) | undefined;
}

/** Each utterance's scores chunk by chunk with carried state, from features that come in pieces. */
export async function* loopedScores(
  model: AcousticModel,
  utterances: AsyncIterable<Item<LoopedUtterance>>,
  {
    engine: name,
    threads,
    framesPerChunk,
    frameSubsamplingFactor,
    extraLeftContextInitial,
  }: OptionValues<typeof loopedOptions>,
  context: ProgramContext,
): AsyncGenerator<Item<Matrix>> {
  const engine = await createEngine({ engine: name, threads, log: context.log });
  const loaded = forInference(model.network).load(engine);
  const looped = loaded.looped({ framesPerChunk, frameSubsamplingFactor, extraLeftContextInitial });
  const logPriors = model.priors.map(Math.log);
  try {
    for await (const [key, { pieces, ivector, ended }] of utterances) {
      if (model.network.hasNode('ivector') && !ivector)
        throw new UsageError(`utterance ${key}: expected an iVector for a network that takes one, found none`);
      let stream: OnlineScores | undefined;
      try {
        const parts: Matrix[] = [];
        for (const piece of pieces) {
          stream ??= new OnlineScores(engine, looped, piece.cols, logPriors, { ivector });
          const scores = await stream.push(piece);
          parts.push(scores);
          if (scores.rows > 0 && ended?.(scores)) {
            stream.dispose();
            stream = undefined;
            break;
          }
        }
        if (stream) parts.push(await stream.flush());
        const rows = parts.filter((p) => p.rows > 0);
        yield [key, joinRows(rows, rows[0]?.cols ?? 0)];
      } finally {
        stream?.dispose();
      }
    }
  } finally {
    looped.dispose();
    loaded.dispose();
  }
}
