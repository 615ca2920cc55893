import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pipelineData, readmeProgram } from './support/readme-pipeline.js';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'jebena-packed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const online = spawnSync('npm', ['view', 'it-pipe', 'version'], { cwd: folder, timeout: 20_000 }).status === 0;

test.skipIf(!online)(
  `packed packages install and run in an empty folder${online ? '' : ' (no npm registry)'}`,
  () => {
    const tarballs = join(folder, 'tarballs');
    mkdirSync(tarballs);
    const names = readdirSync(join(root, 'packages'));
    for (const name of names)
      execFileSync('pnpm', ['pack', '--pack-destination', tarballs], {
        cwd: join(root, 'packages', name),
        stdio: 'ignore',
      });
    const files = Object.fromEntries(
      readdirSync(tarballs).map((file) => [
        `@jebena/${file.replace(/^jebena-(.*)-\d+\.\d+\.\d+\.tgz$/, '$1')}`,
        `file:tarballs/${file}`,
      ]),
    );
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/it-pipe/package.json'), 'utf8'));
    writeFileSync(
      join(folder, 'package.json'),
      // The packages name one another by version: the overrides send each name to its tarball.
      JSON.stringify({
        name: 'empty',
        private: true,
        type: 'module',
        dependencies: { ...files, 'it-pipe': version },
        overrides: files,
      }),
    );
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, stdio: 'pipe' });
    pipelineData(folder);
    writeFileSync(join(folder, 'pipeline.mjs'), readmeProgram(readFileSync(join(root, 'README.md'), 'utf8')));
    const printed = execFileSync('node', ['pipeline.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(printed.trim().split('\n').at(-1)).toMatch(/^end [1-9]/);
    expect(execFileSync('npx', ['--no-install', 'jebena', '--help'], { cwd: folder, encoding: 'utf8' })).toContain(
      'Usage: jebena PROGRAM',
    );
  },
  240_000,
);
