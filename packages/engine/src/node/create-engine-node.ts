import { createEngine as createAnywhere } from '../create-engine.js';
import type { Engine } from '../engine.js';
import { type EngineName, type EngineOptions, engineNames } from '../engine-options.js';
import { EngineError } from '../errors.js';

/**
 * Makes an engine in Node. `auto` takes what the environment's `JEBENA_ENGINE` says, else the fastest that runs.
 *
 * @throws EngineError `ERR_ENGINE_UNAVAILABLE` when the engine that is asked for does not run here
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = options.engine === undefined || options.engine === 'auto' ? fromEnvironment() : options.engine;
  return createAnywhere({ ...options, engine });
}

function fromEnvironment(): EngineName {
  const name = process.env['JEBENA_ENGINE'] || 'auto';
  const known = engineNames.find((n) => n === name);
  if (known) return known;
  const message = `JEBENA_ENGINE: expected one of ${engineNames.join(', ')}, found '${name}'`;
  throw new EngineError('ERR_ENGINE_UNAVAILABLE', message);
}
