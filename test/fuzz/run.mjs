// node test/fuzz/run.mjs [--count=200000] [--seed=1] [--only=NAME]: gives torn, flipped and spliced inputs to every
// reader that a *.fuzz.mjs file of this folder registers. Each must give a value or a typed error, soon, and ask for
// no more memory than a small multiple of its input. Prints the inputs that broke a reader, so that they can be kept.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mutate } from './mutate.mjs';
import { watchAllocations } from './watch-allocations.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const random = xoroshiro128plus(Number(values.seed));
const draw = (below) => uniformInt(random, 0, below - 1);

/**
 * A target: `name`, `samples` (whole inputs as Uint8Array), and `read(bytes)`, which may be asynchronous.
 * `memory` is how many times its input's size a reader may ask for (32), and `typed(error)` says whether an error is one that the reader may throw; by default those with an `ERR_` code.
 */
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.fuzz.mjs'));
const lists = await Promise.all(files.map(async (name) => (await import(`./${name}`)).default));
const targets = lists.flat().filter(({ name }) => !values.only || name === values.only);
if (targets.length === 0) throw new Error(`no reader called ${values.only}`);

// Every sample must be read whole, or its mutations would show little.
for (const { name, samples, read } of targets)
  for (const sample of samples)
    await Promise.resolve(read(sample)).catch?.((error) => {
      throw new Error(`${name}: a sound sample is refused`, { cause: error });
    });

const typedByDefault = (error) => error instanceof Error && String(error.code).startsWith('ERR_');
const watch = watchAllocations();
watch.assertWatching();
const slowest = 2000;
const count = Number(values.count);
let failures = 0;
let refused = 0;
for (let i = 0; i < count; i++) {
  const target = targets[i % targets.length];
  const bytes = mutate(target.samples[draw(target.samples.length)], draw);
  const begun = performance.now();
  const problem = await attempt(target, bytes);
  const took = performance.now() - begun;
  if (problem === 'refused') refused++;
  else if (problem || took > slowest) {
    failures++;
    const hex = Buffer.from(bytes).toString('hex').slice(0, 2000);
    process.stderr.write(`${target.name}, input ${i}: ${problem ?? `took ${Math.round(took)} ms`}\n  ${hex}\n`);
    if (failures >= 20) break;
  }
}
process.stdout.write(
  `${count} inputs over ${targets.length} readers (seed ${values.seed}): ${refused} refused, ${count - refused - failures} read, ${failures} failures\n`,
);
process.exitCode = failures > 0 ? 1 : 0;

async function attempt({ read, typed = typedByDefault, memory = 32 }, bytes) {
  try {
    watch.limit(65536 + memory * bytes.length);
    const result = read(bytes);
    if (result instanceof Promise) await result;
    return undefined;
  } catch (error) {
    if (typed(error)) return 'refused';
    return error instanceof Error ? error.stack.split('\n').slice(0, 4).join('\n  ') : String(error);
  } finally {
    watch.limit(Infinity);
  }
}
