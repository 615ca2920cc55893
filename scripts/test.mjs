// `npm test`: sets up what is missing, then runs every test; arguments go to vitest.
import { run } from './tools.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await run('pnpm', ['exec', 'vitest', 'run', ...process.argv.slice(2)]);
