import type { Engine } from '../engine.js';
import { EngineError } from '../errors.js';
import { KernelEngine } from '../kernel-engine.js';
import { type Tf, TfjsKernels } from './tfjs-kernels.js';

/**
 * An engine on a tfjs-core that the caller loaded, with any backend registered on it: `wasm`, `cpu`, `webgl`,
 * `webgpu`.
 *
 * @throws EngineError `ERR_ENGINE_UNAVAILABLE` when the backend is not registered or does not start
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-webgpu';
 * const engine = await tfjsEngine(tf, 'webgpu');
 * ```
 */
export async function tfjsEngine(tf: Tf, backend: string): Promise<Engine> {
  const why = !tf.findBackendFactory(backend)
    ? `tfjs's backend ${backend} is not registered: import @tensorflow/tfjs-backend-${backend} first`
    : (await starts(tf, backend))
      ? undefined
      : `tfjs's backend ${backend} does not start here`;
  if (why) throw new EngineError('ERR_ENGINE_UNAVAILABLE', `engine tfjs-${backend}: ${why}`);
  return new KernelEngine(new TfjsKernels(tf, backend, 1));
}

const starts = (tf: Tf, backend: string): Promise<boolean> => tf.setBackend(backend).catch(() => false);
