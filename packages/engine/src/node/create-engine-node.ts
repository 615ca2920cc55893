import { resolveOptions } from '@jebena/options';
import { createEngine as createAnywhere } from '../create-engine.js';
import type { Engine } from '../engine.js';
import { type EngineName, type EngineOptions, engineNames, engineOptions } from '../engine-options.js';
import { EngineError } from '../errors.js';
import { addonFolder } from './setup/set-up-engine.js';
import { tensorflowEngine } from './tensorflow/tensorflow-engine.js';

/**
 * Makes an engine in Node. `auto` takes what the environment's `JEBENA_ENGINE` says, else `tensorflow` where it is
 * set up, else `tfjs-wasm`.
 *
 * @throws EngineError `ERR_ENGINE_UNAVAILABLE` when the engine that is asked for does not run here
 */
export async function createEngine({ log = console.warn, ...given }: EngineOptions = {}): Promise<Engine> {
  const options = resolveOptions(engineOptions, given);
  const asked = options.engine === 'auto' ? fromEnvironment() : options.engine;
  const engine = asked === 'auto' ? (addonFolder() ? 'tensorflow' : 'tfjs-wasm') : asked;
  if (engine === 'tensorflow') return tensorflowEngine(options.precision, options.threads, log);
  return createAnywhere({ ...options, engine, log });
}

function fromEnvironment(): EngineName {
  const name = process.env['JEBENA_ENGINE'] || 'auto';
  const known = engineNames.find((n) => n === name);
  if (known) return known;
  const message = `JEBENA_ENGINE: expected one of ${engineNames.join(', ')}, found '${name}'`;
  throw new EngineError('ERR_ENGINE_UNAVAILABLE', message);
}
