// Sets a fresh clone up: pnpm, the packages, the build, the engine. What is done already is skipped.
import { existsSync, readdirSync } from 'node:fs';
import { ensurePnpm, main, once, root, run } from './tools.mjs';

const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
for (const folder of ['packages', 'apps'])
  for (const name of readdirSync(`${root}/${folder}`))
    if (existsSync(`${root}/${folder}/${name}/package.json`)) manifests.push(`${folder}/${name}/package.json`);

export async function setup() {
  ensurePnpm();
  const must = async (what, code) => {
    if (code !== 0) throw new Error(`${what} failed with exit status ${code}`);
  };
  await once('install', manifests, async () =>
    must('pnpm install', await run('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only'])),
  );
  await must('the build', await run('pnpm', ['exec', 'tsc', '-b']));
  const { setUpEngine } = await import('../packages/engine/dist/node/index.js');
  const say = (line) => process.stdout.write(`${line}\n`);
  say((await setUpEngine({ progress: say })).line);
}

if (process.argv[1] === import.meta.filename)
  await main(async () => {
    await setup();
    process.stdout.write('Jebena is set up. Next: npm start, npm test, or npx jebena --help\n');
  });
