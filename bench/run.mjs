// node bench/run.mjs [NAME[:CASE,CASE...] ...]: runs the benches of this folder, or those named, and of one that has
// cases (train) all or those named. Each prints ratios of ours to a peer's, both measured in the same run on the same
// machine.
import { readdirSync } from 'node:fs';

const wanted = process.argv.slice(2).map((text) => text.split(':'));
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''));
for (const [name] of wanted)
  if (!names.includes(name)) throw new Error(`no bench called '${name}'; there are ${names.join(', ')}`);
for (const [name, only] of wanted.length > 0 ? wanted : names.map((name) => [name])) {
  process.stdout.write(`== ${name}\n`);
  await (await import(`./${name}.bench.mjs`)).default(only?.split(','));
}
