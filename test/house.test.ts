import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const packages = readdirSync(join(root, 'packages'));

/** From the bottom up: a package imports only what stands before it. */
const order = [
  'options wasm stream io-ark features engine wfst hmm graph chain egs decode train decode-looped cli',
].flatMap((names) => names.split(' '));

/** Source files of a folder; what is installed or built is not looked into. */
const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : sources(path);
    return /\.(ts|js|mjs)$/.test(entry.name) ? [path] : [];
  });

const imports = (file: string): string[] => {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [
    ...code.matchAll(/^(?:import|export)\b[^;'"`]*?\bfrom '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)/gm),
  ].map((m) => (m[1] ?? m[2] ?? m[3])!);
};

test('every package is in the order', () => {
  expect([...packages].sort()).toEqual([...order].sort());
});

test.each(order)('%s imports only what stands below it', (name) => {
  const below = new Set(order.slice(0, order.indexOf(name)).map((p) => `@jebena/${p}`));
  const own = `@jebena/${name}`;
  const wrong = sources(join(root, 'packages', name, 'src')).flatMap((file) =>
    imports(file)
      .map((i) => i.split('/').slice(0, 2).join('/'))
      .filter((i) => i.startsWith('@jebena/') && i !== own && !below.has(i))
      .map((i) => `${relative(root, file)} imports ${i}`),
  );
  expect(wrong).toEqual([]);
});

test.each(order)('%s declares what it imports', (name) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  const wrong = sources(join(root, 'packages', name, 'src')).flatMap((file) =>
    imports(file)
      .filter((i) => !i.startsWith('.') && !i.startsWith('node:'))
      .map((i) =>
        i
          .split('/')
          .slice(0, i.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((i) => i !== manifest.name && !(i in declared))
      .map((i) => `${relative(root, file)} imports ${i}`),
  );
  expect(wrong).toEqual([]);
});

test('Node built-ins stand only where the name says so', () => {
  // The programs are Node programs through and through.
  const isomorphic = order.filter((p) => p !== 'cli');
  const wrong = isomorphic.flatMap((name) =>
    sources(join(root, 'packages', name, 'src'))
      .filter((file) => !/node/.test(relative(join(root, 'packages', name), file)))
      .filter((file) => imports(file).some((i) => i.startsWith('node:')))
      .map((file) => relative(root, file)),
  );
  expect(wrong).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  const folders = ['packages', 'apps', 'test', 'bench', 'scripts'].map((f) => join(root, f)).filter(existsSync);
  const long = folders
    .flatMap(sources)
    .map((file) => ({ file: relative(root, file), lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > 400);
  expect(long).toEqual([]);
});
