import type { PageModel } from './page-model.js';

export interface Sound {
  readonly name: string;
  /** In the range of 16-bit integers; the first channel. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

export const isSound = (file: File): boolean =>
  file.type.startsWith('audio/') || /\.(wav|flac|mp3|ogg|m4a|webm)$/i.test(file.name);

/**
 * The sound of a file: waves as they are, so that the page hears the very samples that Kaldi's tools would; what else
 * the browser can play, resampled to the model's rate by it.
 *
 * @throws for a file that is torn or no sound
 */
export async function readSound(file: File, { caller, description }: PageModel): Promise<Sound> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (/\.wav$/i.test(file.name) || new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'RIFF') {
    const { channels, sampleRate } = await caller.call('readWave', bytes, file.name);
    return { name: file.name, samples: channels[0] ?? new Float32Array(0), sampleRate };
  }
  const sampleRate = description?.sampleRate ?? 16_000;
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const decoded = await context.decodeAudioData(bytes.buffer).catch(() => {
    throw new Error(`${file.name}: expected sound that this browser can play, found none`);
  });
  return { name: file.name, samples: decoded.getChannelData(0).map((x) => x * 32768), sampleRate };
}

/** A fifth of a second at a time, so that results show as they come. */
export function* pieces({ samples, sampleRate }: Sound): Generator<Float32Array> {
  const piece = Math.round(0.2 * sampleRate);
  for (let at = 0; at < samples.length; at += piece) yield samples.slice(at, at + piece);
}
