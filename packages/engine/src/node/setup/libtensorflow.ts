import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, type Flavour, libraryFolder, versions } from './places.js';
import { command } from './command.js';

// Any interpreter's wheel holds the same libraries, so the host's Python need not be one that TensorFlow supports.
const pythonTag = '3.12';
const platforms: Partial<Record<string, readonly string[]>> = {
  x64: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  arm64: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
};

/** Unpacks from each wheel the libraries, and of the headers those of the C API. */
const unpack = `
import re, sys, zipfile
wanted = re.compile(r"tensorflow/lib[^/]*\\.so[^/]*$|nvidia/.*\\.so[^/]*$"
                    r"|tensorflow/include/(tensorflow/c/|tensorflow/core/platform/|tsl/platform/|xla/tsl/c/)[^.]*\\.h$")
for wheel in sys.argv[2:]:
    with zipfile.ZipFile(wheel) as z:
        z.extractall(sys.argv[1], [n for n in z.namelist() if wanted.match(n)])
`;

/** Puts libtensorflow into the folder by its own means; throws CommandError where it cannot. */
type Source = (folder: string, flavour: Flavour) => Promise<string>;

/** PyPI's wheel: `tensorflow-cpu`, or `tensorflow` with its CUDA wheels. */
const fromWheel: Source = async (folder, flavour) => {
  const package_ = flavour === 'cpu' ? 'tensorflow-cpu' : 'tensorflow[and-cuda]';
  const wheels = join(folder, 'wheels');
  const platform = (platforms[process.arch] ?? []).flatMap((name) => ['--platform', name]);
  await command(
    'python3',
    ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--timeout', '15', '--retries', '1']
      .concat(['--only-binary=:all:', '--python-version', pythonTag, '--implementation', 'cp', ...platform])
      .concat(flavour === 'cpu' ? ['--no-deps'] : [], ['--dest', wheels, `${package_}==${versions.wheel}`]),
    flavour === 'cpu' ? 150 : 900,
  );
  const files = (await readdir(wheels)).filter((name) => /^(tensorflow|nvidia)/.test(name));
  await command('python3', ['-c', unpack, folder, ...files.map((name) => join(wheels, name))], 200);
  await rm(wheels, { recursive: true });
  return `PyPI's ${package_} ${versions.wheel}`;
};

/** The archive of the C library that TensorFlow's own site offers. */
const fromArchive: Source = async (folder, flavour) => {
  const arch = process.arch === 'x64' ? 'x86_64' : 'aarch64';
  const kind = flavour === 'cpu' ? 'cpu' : 'gpu';
  const name = `libtensorflow-${kind}-linux-${arch}.tar.gz`;
  const url = `https://storage.googleapis.com/tensorflow/versions/${versions.archive}/${name}`;
  const stop = AbortSignal.timeout(120_000);
  const connected = AbortSignal.timeout(10_000);
  const response = await fetch(url, { signal: connected, method: 'HEAD' });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  const file = join(folder, name);
  await writeFile(file, Buffer.from(await (await fetch(url, { signal: stop })).arrayBuffer()));
  const to = join(folder, 'tensorflow');
  await mkdir(to);
  await command('tar', ['-xzf', file, '-C', to, '--strip-components=2', './lib'], 60);
  await command('tar', ['-xzf', file, '-C', to, './include'], 60);
  await rm(file);
  return `the official archive ${versions.archive}`;
};

/** Where libtensorflow is and where it is from; fetches it when it is not there yet. */
export async function libtensorflow(flavour: Flavour): Promise<{ folder: string; from: string }> {
  const folder = libraryFolder(flavour);
  if (existsSync(folder)) return { folder, from: 'the libtensorflow fetched before' };
  if (process.platform !== 'linux' || !platforms[process.arch])
    throw new Error(`libtensorflow is not offered for ${process.platform} on ${process.arch}`);
  await mkdir(cacheFolder(), { recursive: true });
  const failures: string[] = [];
  for (const source of [fromWheel, fromArchive]) {
    const made = await mkdtemp(join(cacheFolder(), 'making-'));
    try {
      const from = await source(made, flavour);
      await rename(made, folder);
      return { folder, from };
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      // Another set-up may have been quicker.
      if (existsSync(folder)) return { folder, from: 'the libtensorflow fetched before' };
      failures.push((error as Error).message);
    }
  }
  throw new Error(failures.join('; '));
}
