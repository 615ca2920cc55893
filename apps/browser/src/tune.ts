import { FrontEnd, type Recogniser } from '@jebena/decode-looped';
import type { RecogniserHost, ModelDescription } from '@jebena/decode-looped/browser';
import { fineTune, type FineTuneOptions, type FineTuneStep, type Take, TakeError } from '@jebena/train';

/** Something that was recorded, and its words. */
export interface RecordedTake {
  readonly name: string;
  /** In the range of 16-bit integers. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
  readonly words: readonly string[];
}

/** What fine-tuning came to. */
export interface TuneEnd {
  readonly type: 'end';
  readonly model: ModelDescription;
  /** Mean divergence of a frame from what it should be. */
  readonly before: number;
  readonly after: number;
  /** What each take was recognised as. */
  readonly heardBefore: readonly string[];
  readonly heardAfter: readonly string[];
}

/** Fits the host's model to takes and puts the new one in its place. */
export async function* tune(
  host: RecogniserHost,
  takes: readonly RecordedTake[],
  options: FineTuneOptions = {},
): AsyncGenerator<FineTuneStep | TuneEnd> {
  const { recogniser, engine } = host;
  const { model, graph } = recogniser.parts;
  const { acousticScale, frameSubsamplingFactor } = recogniser.options;
  const heardBefore = await hear(recogniser, takes);
  const learned = takes.map((take) => learnable(recogniser, take));
  for await (const event of fineTune(
    engine,
    { model, graph, acousticScale, frameSubsamplingFactor },
    learned,
    options,
  )) {
    if (event.type === 'step') {
      yield event;
      continue;
    }
    const files = new Map(host.files).set('final.mdl', event.model.toBytes());
    const description = host.replace(files);
    const { before, after } = event;
    yield {
      type: 'end',
      model: description,
      before,
      after,
      heardBefore,
      heardAfter: await hear(host.recogniser, takes),
    };
  }
}

function learnable({ parts }: Recogniser, { name, samples, sampleRate, words }: RecordedTake): Take {
  const front = new FrontEnd(parts.feature, sampleRate, { cmvn: parts.cmvn });
  const pushed = front.push(samples);
  const flushed = front.flush();
  const rows = pushed.rows + flushed.rows;
  if (rows === 0) throw new TakeError(`take '${name}': expected some sound, found ${samples.length} samples`);
  const data = new Float32Array(pushed.data.length + flushed.data.length);
  data.set(pushed.data);
  data.set(flushed.data, pushed.data.length);
  const labels = words.map((word) => {
    const label = parts.words.find(word);
    if (label === undefined)
      throw new TakeError(`take '${name}': expected words that the model knows, found '${word}'`);
    return label;
  });
  return { key: name, feats: { rows, cols: parts.feature.dim, data }, words: labels };
}

async function hear(recogniser: Recogniser, takes: readonly RecordedTake[]): Promise<string[]> {
  const texts: string[] = [];
  for (const { samples, sampleRate } of takes) {
    const stream = recogniser.stream(sampleRate);
    await stream.push(samples);
    texts.push((await stream.finish()).text);
  }
  return texts;
}
