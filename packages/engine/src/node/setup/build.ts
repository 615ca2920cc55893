import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder, nativeFolder } from './places.js';
import { command } from './command.js';

const require = createRequire(import.meta.url);
// No flag here may depend on the machine: the cache can be one that several machines share.
const flags = ['-O3', '-std=c++17', '-fPIC', '-Wall', '-fvisibility=hidden', '-DNAPI_VERSION=8'];

/** Compiles the addon against the libtensorflow in `library`, into `folder` (all of it or nothing). */
export async function build(library: string, folder: string): Promise<void> {
  const tensorflow = join(library, 'tensorflow');
  const headers = (require('node-api-headers') as { include_dir: string }).include_dir;
  const include = ['-I', headers, '-I', join(tensorflow, 'include')];
  await mkdir(cacheFolder(), { recursive: true });
  const made = await mkdtemp(join(cacheFolder(), 'making-'));
  try {
    const sources = readdirSync(nativeFolder).filter((name) => name.endsWith('.cc') && name !== 'load.cc');
    const compile = (name: string): Promise<string> =>
      command('g++', [...flags, ...include, '-c', nativeFolder + name, '-o', join(made, `${name}.o`)], 150);
    await Promise.all(sources.map(compile));
    const libraries = readdirSync(tensorflow).filter((name) => /^libtensorflow(_cc|_framework)?\.so\.2$/.test(name));
    const link = [...libraries.map((name) => `-l:${name}`), '-L', tensorflow, `-Wl,-rpath,${tensorflow}`, '-lpthread'];
    const objects = sources.map((name) => join(made, `${name}.o`));
    await command('g++', ['-shared', '-o', join(made, 'engine.node'), ...objects, ...link], 100);
    const loader = [...flags, ...include, '-shared', nativeFolder + 'load.cc', '-o', join(made, 'load.node'), '-ldl'];
    await command('g++', loader, 100);
    await Promise.all(objects.map((name) => rm(name)));
    await mkdir(dirname(folder), { recursive: true });
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
