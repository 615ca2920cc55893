import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder, nativeFolder } from './places.js';
import { command } from './command.js';

const require = createRequire(import.meta.url);
// No flag here may depend on the machine: the cache can be one that several machines share.
const flags = ['-O3', '-std=c++17', '-fPIC', '-fvisibility=hidden', '-DNAPI_VERSION=8'];
// The inner loops keep NaN and infinity, and may assume that nobody looks at errno or at the CPU's exception flags.
const loops = ['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast'];
const avx512 = ['-mavx2', '-mfma', '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'];
// They are compiled once for each kind of CPU; which is taken is decided when the addon starts.
const kindsFor = (half: boolean): Readonly<Record<string, readonly string[]>> =>
  process.arch !== 'x64'
    ? { baseline: [] }
    : {
        baseline: [],
        avx2: ['-mavx2', '-mfma'],
        avx512,
        ...(half ? { avx512bf16: [...avx512, '-mavx512bf16'] } : {}),
      };

/** Compiles the addon against the libtensorflow in `library`, into `folder` (all of it or nothing). */
export async function build(library: string, folder: string): Promise<void> {
  const tensorflow = join(library, 'tensorflow');
  const headers = (require('node-api-headers') as { include_dir: string }).include_dir;
  const include = ['-I', headers, '-I', join(tensorflow, 'include')];
  await mkdir(cacheFolder(), { recursive: true });
  const made = await mkdtemp(join(cacheFolder(), 'making-'));
  try {
    const sources = readdirSync(nativeFolder).filter((name) => name.endsWith('.cc') && name !== 'load.cc');
    // Compilers before g++ 10 do not know it.
    const half = await command('g++', ['-mavx512bf16', '-E', '-x', 'c++', '/dev/null'], 10).then(
      () => true,
      () => false,
    );
    const known = half ? ['-DJEBENA_HAS_AVX512BF16'] : [];
    const kinds = kindsFor(half);
    const jobs = sources.flatMap((name) =>
      name.startsWith('simd-')
        ? Object.entries(kinds).map(([kind, more]) => ({
            object: join(made, `${name}.${kind}.o`),
            args: [
              ...loops,
              ...more,
              `-DJEBENA_SIMD=simd_for_${kind}`,
              `-DJEBENA_SIMD_NAME=${kind}`,
              nativeFolder + name,
            ],
          }))
        : [{ object: join(made, `${name}.o`), args: [...known, ...include, nativeFolder + name] }],
    );
    const objects = jobs.map(({ object }) => object);
    const compile = async (): Promise<void> => {
      for (let job = jobs.shift(); job; job = jobs.shift())
        await command('g++', [...flags, '-c', '-o', job.object, ...job.args], 300);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, compile));
    const libraries = readdirSync(tensorflow).filter((name) => /^libtensorflow(_cc|_framework)?\.so\.2$/.test(name));
    const link = [...libraries.map((name) => `-l:${name}`), '-L', tensorflow, `-Wl,-rpath,${tensorflow}`, '-lpthread'];
    await command('g++', ['-shared', '-o', join(made, 'engine.node'), ...objects, ...link], 300);
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
