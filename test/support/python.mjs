import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * A Python with the given packages of PyPI (pinned: 'numpy==2.3.5'), in a virtual environment of its own that is made
 * once and kept beside the installed node modules. Gives the path of its interpreter, or in one sentence why not.
 */
export function pythonWith(...packages) {
  const name = createHash('sha256').update(packages.join()).digest('hex').slice(0, 12);
  const cache = resolve(import.meta.dirname, '../../node_modules/.cache/jebena-python');
  const home = join(cache, name);
  const python = join(home, 'bin/python');
  if (existsSync(python)) return { python };
  const run = (command, ...args) => spawnSync(command, args, { encoding: 'utf8', timeout: 100_000 });
  if (run('python3', '--version').status !== 0) return { skip: 'there is no python3' };
  mkdirSync(cache, { recursive: true });
  // Made under another name, so that a broken one is never taken for whole. A venv may be moved if pip is not used again.
  const made = mkdtempSync(join(cache, 'making-'));
  try {
    if (run('python3', '-m', 'venv', made).status !== 0) return { skip: 'python3 has no venv' };
    const pip = run(join(made, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--only-binary=:all:', ...packages);
    if (pip.status !== 0) return { skip: `pip could not install ${packages.join(' ')}` };
    try {
      renameSync(made, home);
    } catch {
      // Another run was quicker.
    }
    return { python };
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Runs a script with it; throws what it printed if it fails. */
export function runPython(python, script, ...args) {
  const run = spawnSync(python, ['-c', script, ...args], {
    encoding: 'utf8',
    cwd: tmpdir(),
    timeout: 300_000,
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`python: ${run.stderr}`);
  return run.stdout;
}
