import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { libraryFolder } from '../setup/places.js';
import type { Binding } from './binding.js';

interface Loader {
  mute(yes: boolean): void;
  preload(path: string): void;
}

function load<T>(path: string): T {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as T;
}

/** Loads the addon that set-up built in `folder`; `loud` lets libtensorflow speak while it is loaded. */
export function loadBinding(folder: string, { loud = false }: { loud?: boolean } = {}): Binding {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  const loader = load<Loader>(join(folder, 'load.node'));
  try {
    if (!loud) loader.mute(true);
    for (const library of cudaLibraries()) loader.preload(library);
    return load<Binding>(join(folder, 'engine.node'));
  } finally {
    loader.mute(false);
  }
}

/** CUDA's libraries as the wheels lay them out; libtensorflow asks for them by name once a GPU is used. */
function cudaLibraries(): string[] {
  const nvidia = join(libraryFolder('cuda'), 'nvidia');
  if (!existsSync(nvidia)) return [];
  const libraries = readdirSync(nvidia, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.so(\.\d+)?$/.test(name),
  );
  // The runtime first, then what builds on it; a library that does not load alone is found by those that need it.
  const rank = (name: string): number =>
    ['cudart', 'nvJitLink', 'cublasLt', 'cublas'].findIndex((n) => name.includes(n));
  return libraries.sort((a, b) => ((rank(a) + 99) % 99) - ((rank(b) + 99) % 99)).map((name) => join(nvidia, name));
}
