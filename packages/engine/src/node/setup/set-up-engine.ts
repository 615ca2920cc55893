import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.js';
import { command } from './command.js';
import { libtensorflow } from './libtensorflow.js';
import { buildFolder, cacheFolder, type Flavour, flavourHere } from './places.js';

const dayMs = 24 * 3600 * 1000;

/** What set-up came to. */
export interface EngineSetup {
  readonly engine: 'tensorflow' | 'tfjs-wasm';
  /** One line: what was taken, and why. */
  readonly line: string;
  /** True when it was all there already. */
  readonly existing: boolean;
}

export interface SetUpOptions {
  /** Called before anything that takes long. */
  readonly progress?: (line: string) => void;
  /** Tries again what failed less than a day ago. */
  readonly again?: boolean;
}

/**
 * Finds or makes the fastest engine for this machine, in this order: what an earlier set-up made; libtensorflow from
 * PyPI's wheel; from the official archive; and if none can be had, WebAssembly, which needs no set-up. Never throws.
 * What failed is not tried again for a day.
 */
export async function setUpEngine({ progress = () => undefined, again }: SetUpOptions = {}): Promise<EngineSetup> {
  const asked = process.env['JEBENA_ENGINE'];
  if (asked?.startsWith('tfjs'))
    return { engine: 'tfjs-wasm', line: `engine: ${asked}, as JEBENA_ENGINE says`, existing: true };
  const flavour = flavourHere();
  const failed = `${buildFolder(flavour)}.failed`;
  try {
    if (!again) {
      const [at, why] = (await readFile(failed, 'utf8').catch(() => '0\n')).split('\n');
      if (Date.now() - Number(at) < dayMs) return wasm(`${why} (found today; --again tries once more)`, true);
    }
    const made = await setUpTensorflow(flavour, progress);
    await rm(failed, { force: true });
    return made;
  } catch (error) {
    const why = (error as Error).message.replaceAll(/\s+/g, ' ');
    await mkdir(cacheFolder(), { recursive: true }).catch(() => undefined);
    await writeFile(failed, `${Date.now()}\n${why}\n`).catch(() => undefined);
    return wasm(why, false);
  }
}

async function setUpTensorflow(flavour: Flavour, progress: (line: string) => void): Promise<EngineSetup> {
  const folder = buildFolder(flavour);
  const where = flavour === 'cuda' ? 'CUDA' : 'CPU';
  if (existsSync(folder))
    return { engine: 'tensorflow', line: `engine: tensorflow (${where}), set up before`, existing: true };
  await command('g++', ['--version'], 10).catch(() => {
    throw new Error('g++ is not here');
  });
  progress('engine: fetching libtensorflow and compiling the addon; this takes a minute or two');
  const { folder: library, from } = await libtensorflow(flavour);
  await build(library, folder);
  await prove(folder);
  return { engine: 'tensorflow', line: `engine: tensorflow (${where}), built on ${from}`, existing: false };
}

/** Multiplies two numbers with it, in a process of its own: a library that does not fit may end the process. */
async function prove(folder: string): Promise<void> {
  const module = new URL('../tensorflow/load-binding.js', import.meta.url).href;
  const program = `
    const { loadBinding } = await import(${JSON.stringify(module)});
    const binding = loadBinding(${JSON.stringify(folder)}, { loud: true });
    binding.start(0, '');
    const six = binding.matrix(1, 1, Float32Array.of(6));
    const product = binding.run(binding.operation('MatMul', 'T:type=1'), Int32Array.of(six, six));
    const out = new Float32Array(1);
    binding.read(product, out);
    if (out[0] !== 36) throw new Error('error: 6 x 6 gave ' + out[0]);`;
  try {
    await command(process.execPath, ['--input-type=module', '-e', program], 60);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const wasm = (why: string, existing: boolean): EngineSetup => ({
  engine: 'tfjs-wasm',
  line: `engine: tfjs-wasm, slower, because libtensorflow cannot be had: ${why}`,
  existing,
});

/** The folder of this machine's addon, or undefined where set-up has made none. */
export function addonFolder(flavour: Flavour = flavourHere()): string | undefined {
  const folder = buildFolder(flavour);
  return existsSync(join(folder, 'engine.node')) ? folder : undefined;
}
