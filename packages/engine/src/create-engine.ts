import { resolveOptions } from '@jebena/options';
import type { Engine } from './engine.js';
import { type EngineOptions, engineOptions } from './engine-options.js';
import { EngineError } from './errors.js';
import { tfjsEngine } from './tfjs/tfjs-engine.js';

/**
 * Makes the engine that runs anywhere, browsers included: tfjs on WebAssembly (`auto`) or plain JavaScript. A page
 * that wants `tfjs-webgl` or `tfjs-webgpu` imports tfjs's backend of that name first. In Node, take `createEngine`
 * of `@jebena/engine/node`, which also knows `tensorflow`.
 *
 * @throws EngineError `ERR_ENGINE_UNAVAILABLE` when the engine that is asked for does not run here
 */
export async function createEngine({ log = console.warn, ...options }: EngineOptions = {}): Promise<Engine> {
  const { engine, precision } = resolveOptions(engineOptions, options);
  if (engine === 'tensorflow')
    throw new EngineError('ERR_ENGINE_UNAVAILABLE', 'engine tensorflow: runs in Node alone, by @jebena/engine/node');
  const tf = await import('@tensorflow/tfjs-core');
  const backend = engine === 'auto' ? 'wasm' : engine.slice('tfjs-'.length);
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  const made = await tfjsEngine(tf, backend);
  // Its advice at first use, to install tfjs-node, would be wrong here.
  if (backend === 'cpu') Object.assign(tf.backend(), { firstUse: false });
  if (precision === 'mixed') log(`${made.name} has no bfloat16 products: going on in float32`);
  return made;
}
