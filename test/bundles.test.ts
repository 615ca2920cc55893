import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What packages export for any place, by specifier; what is Node's alone says so in its name. */
const entries = readdirSync(join(root, 'packages'))
  .filter((name) => name !== 'cli')
  .flatMap((name) => {
    const folder = join(root, 'packages', name);
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const { name: specifier, exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      name: string;
      exports: Record<string, { default: string } | string>;
    };
    return Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' || /node|testing/.test(path)
        ? []
        : [[specifier + path.slice(1), join(folder, target.default)]],
    );
  }) as [specifier: string, file: string][];

test('what packages offer to any place bundles for a browser without a module of Node', async () => {
  expect(entries.map(([specifier]) => specifier)).toContain('@jebena/decode-looped/browser/worker');
  expect(entries.length).toBeGreaterThan(12);
  const { metafile } = await build({
    entryPoints: Object.fromEntries(entries.map(([specifier, file]) => [specifier.replace(/\W/g, '-'), file])),
    bundle: true,
    platform: 'browser',
    format: 'esm',
    outdir: 'bundle',
    splitting: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const wrong = Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports
      .filter(({ path, external }) => external || path.startsWith('node:') || isBuiltin(path))
      .map(({ path }) => `${from} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});
