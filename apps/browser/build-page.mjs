// node build-page.mjs [--out FOLDER] [--model FOLDER] [--serve] [--port PORT]: bundles the page into a folder of static
// files (dist/site), with a model beside it where there is one (that of `npm start`, out/digits/model, unless given),
// prints how large they are, and serves them for a look.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { packModel } from '@jebena/decode-looped';
import { readModelFiles } from '@jebena/decode-looped/node';
import { build, context } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const site = join(here, 'dist/site');
const wasm = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/**
 * @param {{ out?: string, model?: string }} options
 * @returns {Promise<{ out: string, files: { name: string, bytes: number, gzipped: number }[], hasModel: boolean }>}
 */
export async function buildPage({ out = site, model = join(root, 'out/digits/model') } = {}) {
  // Only a folder of our own is emptied.
  if (out === site) await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await build({
    entryPoints: { page: join(here, 'src/page.ts'), worker: join(here, 'src/worker.ts') },
    outdir: out,
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    metafile: true,
    logLevel: 'warning',
  });
  for (const name of ['index.html', 'page.css']) await copyFile(join(here, 'page', name), join(out, name));
  const backend = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  for (const name of wasm) await copyFile(join(backend, 'wasm-out', name), join(out, name));
  const hasModel = existsSync(join(model, 'final.mdl'));
  if (hasModel) await writeFile(join(out, 'digits.zip'), packModel(readModelFiles(model)));
  const names = Object.keys(metafile.outputs).map((path) => relative(out, join(process.cwd(), path)));
  const files = [];
  for (const name of ['index.html', 'page.css', ...names, ...wasm, ...(hasModel ? ['digits.zip'] : [])]) {
    const bytes = await readFile(join(out, name));
    files.push({ name, bytes: bytes.length, gzipped: gzipSync(bytes).length });
  }
  return { out, files, hasModel };
}

const kB = (bytes) => `${(bytes / 1000).toFixed(0).padStart(6)} kB`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: site },
      model: { type: 'string' },
      serve: { type: 'boolean' },
      port: { type: 'string', default: '8000' },
    },
  });
  const { out, files, hasModel } = await buildPage(values);
  for (const { name, bytes, gzipped } of files) console.log(`${kB(bytes)}, packed ${kB(gzipped)}  ${name}`);
  console.log(`${out}${hasModel ? '' : ' (no model beside it: npm start trains one)'}`);
  if (values.serve) {
    const server = await (await context({})).serve({ servedir: out, host: '127.0.0.1', port: Number(values.port) });
    console.log(`http://127.0.0.1:${server.port}/`);
  }
}
