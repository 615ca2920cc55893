import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { Mfcc } from '@jebena/features';
import { expect, test } from 'vitest';

const entry = resolve(import.meta.dirname, '../dist/index.js');

test('the package bundles for a browser without a module of Node', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'features',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  expect(imports.filter(({ path, external }) => external || path.startsWith('node:'))).toEqual([]);
  const code = outputFiles[0]!.text;
  expect(code).not.toContain('require(');

  // It runs where there is neither Node nor a page, as in a worker or an AudioWorklet.
  const samples = Float32Array.from({ length: 4000 }, (_, n) => 1000 * Math.sin(n / 7));
  const script = `${code}; var online = new features.Mfcc({ dither: 0 }).online(); [online.push(samples), online.flush()]`;
  // A page whose security policy forbids WebAssembly must get the same numbers.
  for (const context of [{ WebAssembly }, { WebAssembly: undefined }]) {
    const result: unknown = runInNewContext(script, { samples, Float32Array, ...context });
    const [pushed, flushed] = result as [{ data: Float32Array }, { rows: number }];
    expect(pushed.data).toEqual(new Mfcc({ dither: 0 }).compute(samples).data);
    expect(flushed.rows).toBe(0);
  }
});
