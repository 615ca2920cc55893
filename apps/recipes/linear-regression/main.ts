// The smallest recipe: a line through 100 points by one affine component. node apps/recipes/dist/linear-regression/main.js [OUT]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@jebena/engine/node';
import { describe, describeText, networkToSvg } from '@jebena/graph';
import { linearRegression } from './regression.js';

const out = process.argv[2] ?? 'out/linear-regression';
const { network, passes, predictions, profile } = await linearRegression(await createEngine(), 4);
process.stdout.write(`${describeText(describe(network))}\n`);
for (const { objective, frames, weights, bias } of passes)
  process.stdout.write(
    `objective ${objective.toPrecision(6)} over ${frames} frames: weights ${weights.map((w) => w.toFixed(7)).join(' ')}, bias ${bias.toFixed(7)}\n`,
  );
for (const { pair, y } of predictions)
  process.stdout.write(`${pair.map((x) => x.toFixed(8)).join(' ')} -> ${y.toFixed(6)}\n`);
for (const [kind, seconds] of Object.entries(profile))
  process.stdout.write(`${kind}: ${(1000 * seconds).toFixed(1)} ms\n`);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'network.svg'), await networkToSvg(network));
writeFileSync(join(out, 'final.raw'), network.toBytes());
process.stdout.write(`Drawing and model: ${out}\n`);
