// Shared by setup, start and test: plain Node, no dependency, because nothing is installed yet when they run.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = process.env.JEBENA_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'jebena');
const windows = process.platform === 'win32';

/** Runs a command with the terminal's input and output; resolves to its exit code. */
export function run(command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options });
    // The child gets the terminal's Ctrl-C itself and decides how to stop: this process only waits for it.
    const wait = () => undefined;
    process.on('SIGINT', wait);
    child.on('error', (error) => {
      process.stderr.write(`jebena: cannot run ${command}: ${error.message}\n`);
      done(127);
    });
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait);
      done(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Finds the pinned pnpm, or installs it with npm into the user's cache; puts it on PATH for what runs after. */
export function ensurePnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = packageManager.split('@')[1];
  const found = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: windows });
  if (found.stdout?.trim() === version) return;
  const home = join(cache, `pnpm-${version}`);
  const bin = join(home, 'node_modules', '.bin');
  if (!existsSync(bin)) {
    mkdirSync(home, { recursive: true });
    const npm = spawnSync(
      'npm',
      ['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', `pnpm@${version}`],
      {
        cwd: home,
        stdio: ['ignore', 'ignore', 'inherit'],
        shell: windows,
      },
    );
    if (npm.status !== 0) throw new Error(`npm could not install pnpm ${version}`);
  }
  process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
}

/** A stamp of files' contents: a step whose stamp is unchanged is skipped. */
const stampOf = (files) => {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

/** Runs `step` unless it was done before with the same contents of `files`. */
export async function once(name, files, step) {
  const folder = join(root, 'node_modules', '.jebena');
  const mark = join(folder, name);
  const stamp = stampOf(files);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return;
  await step();
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, stamp);
}

/** Runs a script's work: an error is one line, and the exit code says so. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    process.stderr.write(`jebena: ${error.message}\n`);
    process.exitCode = 1;
  }
}
