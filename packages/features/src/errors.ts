/** Samples, features or statistics that do not fit what is asked of them: another rate, another dimension, no frames. */
export class FeatureError extends Error {
  readonly code = 'ERR_FEATURE';
  override readonly name = 'FeatureError';
}
