// `npm test`: sets up what is missing, then runs every test; arguments go to vitest.
import { main, run } from './tools.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  return run('pnpm', ['exec', 'vitest', 'run', ...process.argv.slice(2)]);
});
