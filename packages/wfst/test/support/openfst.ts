import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { type Fst, readFst, writeFst } from '@jebena/wfst';

const installed = spawnSync('fstinfo', ['--help']).error === undefined;

/** `test`, skipped with a reason in its name where OpenFst's tools are not installed. */
export const testOpenFst: typeof test = (
  installed
    ? test
    : (name: string, ...rest: unknown[]) =>
        (test.skip as (...a: unknown[]) => void)(`${name} (OpenFst's tools are not installed)`, ...rest)
) as typeof test;

let folder = '';
afterAll(() => {
  if (folder) rmSync(folder, { recursive: true });
});

/** Runs one of OpenFst's tools on machines and returns the machine that it prints. */
export function openFst(tool: string, args: readonly string[], ...inputs: readonly Fst[]): Fst {
  return readFst(openFstBytes(tool, args, ...inputs), { path: tool });
}

export function openFstBytes(tool: string, args: readonly string[], ...inputs: readonly (Fst | string)[]): Buffer {
  folder ||= mkdtempSync(join(tmpdir(), 'openfst-'));
  const files = inputs.map((input, i) => {
    const file = join(folder, `${i}.fst`);
    writeFileSync(file, typeof input === 'string' ? input : writeFst(input));
    return file;
  });
  const { status, stdout, stderr } = spawnSync(tool, [...args, ...files]);
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
