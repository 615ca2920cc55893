import { type Matrix, matrix } from '@jebena/io-ark';
import { type OptionValues, atLeast, within, defineOptions, float, int, resolveOptions } from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { FeatureError } from './errors.js';
import { matrixStage } from './frame-stream.js';

/** Kaldi's VadEnergyOptions (ivector/voice-activity-detection.h). */
export const energyVadOptions = defineOptions({
  vadEnergyThreshold: float(5, 'Constant term of the threshold of log-energy'),
  vadEnergyMeanScale: float(
    0.5,
    'The mean log-energy of the utterance times this is added to the threshold',
    atLeast(0),
  ),
  vadFramesContext: int(0, 'Frames on each side that are asked, too', atLeast(0)),
  vadProportionThreshold: float(0.6, 'Share of the frames asked that must be above the threshold', within(0, 1)),
});

export type EnergyVadOptions = OptionValues<typeof energyVadOptions>;

/**
 * Where there is voice, by energy alone: 1 for a frame when enough frames around it lie above a threshold, else 0, as
 * Kaldi's compute-vad.
 *
 * @param feats frames x dims; the first column is log-energy (MFCC with energy, say)
 *
 * @example
 * ```ts
 * const voiced = energyVad(mfccs, { vadEnergyThreshold: 5.5, vadFramesContext: 2 });
 * ```
 */
export function energyVad(feats: Matrix, options: Partial<EnergyVadOptions> = {}): Float32Array {
  const o = resolveOptions(energyVadOptions, options);
  const { rows, cols, data } = feats;
  let sum = 0;
  for (let t = 0; t < rows; t++) sum += data[t * cols]!;
  const threshold = o.vadEnergyThreshold + (rows > 0 ? (o.vadEnergyMeanScale * sum) / rows : 0);
  // above[t]: frames before t that lie above the threshold.
  const above = new Int32Array(rows + 1);
  for (let t = 0; t < rows; t++) above[t + 1] = above[t]! + (data[t * cols]! > threshold ? 1 : 0);
  return Float32Array.from({ length: rows }, (_, t) => {
    const start = Math.max(0, t - o.vadFramesContext);
    const end = Math.min(rows, t + o.vadFramesContext + 1);
    return above[end]! - above[start]! >= (end - start) * Math.fround(o.vadProportionThreshold) ? 1 : 0;
  });
}

/**
 * The frames whose voicing is not 0, as Kaldi's select-voiced-frames.
 *
 * @throws FeatureError where there are not as many decisions as frames
 */
export function selectVoiced({ rows, cols, data }: Matrix, voiced: Float32Array): Matrix {
  if (voiced.length !== rows) throw new FeatureError(`expected ${rows} decisions about voice, found ${voiced.length}`);
  const kept = matrix(
    voiced.reduce((count, v) => count + (v !== 0 ? 1 : 0), 0),
    cols,
  );
  for (let t = 0, to = 0; t < rows; t++)
    if (voiced[t] !== 0) kept.data.set(data.subarray(t * cols, (t + 1) * cols), cols * to++);
  return kept;
}

/** Leaves out the frames without voice, by {@link energyVad}. */
export const voicedFrames = (
  options: Partial<EnergyVadOptions> = {},
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> =>
  matrixStage((feats) => selectVoiced(feats, energyVad(feats, options)), stageOptions);
